"""Loads checked offers into the catalogue: COPY into a temporary table, then merge, in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from numbers.inventory import places, supplier_changes
from numbers.inventory.feed_checks import COLUMNS, Offer, Rejected
from numbers.inventory.models import FeedImport
from numbers.inventory.models import NumberStatus as Status
from numbers.inventory.withdrawal import Withdrawal, withdraw

RECORDED_REJECTIONS = 20  # rejected lines in the record of an import
CREATE_FEED = """
CREATE TEMPORARY TABLE feed (
  line int, e164 varchar(16) COLLATE "C", country varchar(2), region varchar(80), city varchar(80), type varchar(8),
  sms boolean, voice boolean, setup_price numeric(18, 6), monthly_price numeric(18, 6), docs_required boolean,
  supplier varchar(40), supplier_ref varchar(64), is_last_open boolean
) ON COMMIT DROP
"""
# What was withdrawn and is offered again can be sold again, after what is left of its quarantine; no other status is
# touched.
UPDATE = """
UPDATE numbers_number n SET supplier = f.supplier, {assignments}, updated_at = %(now)s,
       status = CASE WHEN n.status <> '{Status.WITHDRAWN}' THEN n.status
                     WHEN n.available_from > %(now)s THEN '{Status.QUARANTINED}' ELSE '{Status.AVAILABLE}' END,
       available_from = CASE WHEN n.status = '{Status.WITHDRAWN}' AND n.available_from <= %(now)s THEN NULL
                             ELSE n.available_from END
  FROM feed f
 WHERE n.e164 = f.e164
   AND (n.status = '{Status.WITHDRAWN}' OR n.supplier <> f.supplier OR ({ours}) IS DISTINCT FROM ({theirs}))
""".format(
    assignments=", ".join(f"{column} = f.{column}" for column in COLUMNS),
    ours=", ".join(f"n.{column}" for column in COLUMNS),
    theirs=", ".join(f"f.{column}" for column in COLUMNS),
    Status=Status,
)
INSERT = """
INSERT INTO numbers_number (e164, supplier, {columns}, status, updated_at)
SELECT e164, supplier, {columns}, '{Status.AVAILABLE}', %(now)s FROM feed f
 WHERE NOT EXISTS (SELECT FROM numbers_number n WHERE n.e164 = f.e164)
 ORDER BY country, e164
""".format(columns=", ".join(COLUMNS), Status=Status)


@dataclass
class ImportResult:
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    moved: int = 0  # to another supplier; they are among the updated
    ids_reused: int = 0  # taken from the numbers that had them
    withdrawal: Withdrawal = field(default_factory=Withdrawal)
    rejected: list[Rejected] = field(default_factory=list)

    def in_words(self) -> list[str]:
        """What staff should know beyond the counts."""
        found = []
        if self.withdrawal.shares:
            found.append(
                "Nothing was withdrawn, though no longer offered:"
                if self.withdrawal.reason
                else "Off sale, because no longer offered:"
            )
            found += [f"  {share}" for share in self.withdrawal.shares]
        if self.withdrawal.reason:
            found.append(self.withdrawal.reason)
        if self.moved:
            found.append(f"{self.moved:,} number{'s' * (self.moved != 1)} moved to another supplier.")
        if self.ids_reused:
            found.append(f"{self.ids_reused:,} number{'s' * (self.ids_reused != 1)} lost the id to another number.")
        return found

    def __str__(self) -> str:
        return (
            f"added {self.added}, updated {self.updated}, unchanged {self.unchanged}, "
            f"withdrawn {self.withdrawal.count}, rejected {len(self.rejected)}"
        )


class _RollBackError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What an import is asked to do."""

    file: str = ""  # its name, for the record
    options: str = ""  # likewise, as given
    withdraw_missing: bool = False
    force: bool = False
    dry_run: bool = False
    permission: supplier_changes.Permission = field(default_factory=supplier_changes.Permission)


def load(offers: Iterable[Offer], *, rejected: list[Rejected], request: ImportRequest) -> ImportResult:
    """Merges the offers; a lease's price never changes with them. ``rejected`` are the lines rejected before.

    ``withdraw_missing`` takes off sale what the suppliers of this feed no longer offer, within the limits of
    :mod:`numbers.inventory.withdrawal`; a number whose line was rejected is still offered, so it stays. Leaves a
    :class:`FeedImport`, unless it is a dry run.
    """
    result = ImportResult()
    try:
        with transaction.atomic():
            run = FeedImport.objects.create(file=request.file[-200:], options=request.options[:400])
            _merge(offers, result, rejected, request, run)
            if request.dry_run:
                raise _RollBackError
            run.added, run.updated, run.unchanged = result.added, result.updated, result.unchanged
            run.withdrawn, run.rejected = result.withdrawal.count, len(result.rejected)
            rejections = [f"Line {row.line}: {row.e164} {row.reason}" for row in result.rejected[:RECORDED_REJECTIONS]]
            run.outcome = "\n".join([*result.in_words(), *rejections])
            run.save()
    except _RollBackError:
        pass
    return result


def _merge(
    offers: Iterable[Offer], result: ImportResult, rejected: list[Rejected], request: ImportRequest, run: FeedImport
) -> None:
    moment = timezone.now()
    now = {"now": moment}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('numbers.import'))")  # one import at a time
        cursor.execute(CREATE_FEED)
        with cursor.copy("COPY feed FROM STDIN") as copy:
            for offer in offers:
                copy.write_row(offer)
        result.rejected = list(rejected)  # after COPY: the offers are a stream, and so are its rejections
        cursor.execute("CREATE UNIQUE INDEX ON feed (e164)")
        places.unify_feed(cursor)
        cursor.execute("ANALYZE feed")
        cursor.execute("SELECT DISTINCT supplier FROM feed")
        suppliers = [supplier for (supplier,) in cursor.fetchall()]
        result.rejected += supplier_changes.reject_conflicts(cursor, request.permission)
        cursor.execute("SELECT count(*) FROM feed")
        offered = cursor.fetchone()[0]
        if request.withdraw_missing:
            result.withdrawal = withdraw(
                cursor, suppliers=suppliers, rejected=result.rejected, force=request.force, now=moment
            )
        result.moved, result.ids_reused = supplier_changes.move(cursor, feed_import=run.pk, now=moment)
        cursor.execute(UPDATE, now)
        result.updated = cursor.rowcount
        cursor.execute(INSERT, now)
        result.added = cursor.rowcount
        result.unchanged = offered - result.updated - result.added
        cursor.execute("DROP TABLE feed")  # a caller's transaction may import again
