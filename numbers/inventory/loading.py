"""Loads checked offers into the catalogue: COPY into a temporary table, then merge, in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from numbers.inventory import places
from numbers.inventory.feed import COLUMNS, Offer, Rejected
from numbers.inventory.withdrawal import Withdrawal, withdraw

STAGE = """
CREATE TEMPORARY TABLE feed (
  line int, e164 varchar(16) COLLATE "C", country varchar(2), region varchar(80), city varchar(80), type varchar(8),
  sms boolean, voice boolean, setup_price numeric(18, 6), monthly_price numeric(18, 6), docs_required boolean,
  supplier varchar(40), supplier_ref varchar(64), is_last_open boolean
) ON COMMIT DROP
"""
ANOTHER_SUPPLIERS = """
DELETE FROM feed f USING numbers_number n WHERE n.e164 = f.e164 AND n.supplier <> f.supplier
RETURNING f.line, f.e164, 'the number belongs to supplier ' || n.supplier,
          f.supplier, f.supplier_ref, false, f.is_last_open
"""
REF_TAKEN = """
DELETE FROM feed f USING numbers_number n
 WHERE n.supplier = f.supplier AND n.supplier_ref = f.supplier_ref AND n.e164 <> f.e164
RETURNING f.line, f.e164, 'the supplier''s id belongs to ' || n.e164, f.supplier, f.supplier_ref, false, f.is_last_open
"""
# What was withdrawn and is offered again can be sold again, after what is left of its quarantine; no other status is
# touched.
UPDATE = """
UPDATE numbers_number n SET {assignments}, updated_at = %(now)s,
       status = CASE WHEN n.status <> 'withdrawn' THEN n.status
                     WHEN n.available_from > %(now)s THEN 'quarantined' ELSE 'available' END,
       available_from = CASE WHEN n.status = 'withdrawn' AND n.available_from <= %(now)s THEN NULL
                             ELSE n.available_from END
  FROM feed f
 WHERE n.e164 = f.e164 AND (n.status = 'withdrawn' OR ({ours}) IS DISTINCT FROM ({theirs}))
""".format(
    assignments=", ".join(f"{column} = f.{column}" for column in COLUMNS),
    ours=", ".join(f"n.{column}" for column in COLUMNS), theirs=", ".join(f"f.{column}" for column in COLUMNS))
INSERT = """
INSERT INTO numbers_number (e164, supplier, {columns}, status, updated_at)
SELECT e164, supplier, {columns}, 'available', %(now)s FROM feed f
 WHERE NOT EXISTS (SELECT FROM numbers_number n WHERE n.e164 = f.e164)
 ORDER BY country, e164
""".format(columns=", ".join(COLUMNS))

@dataclass
class Result:
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawal: Withdrawal = field(default_factory=Withdrawal)
    rejected: list[Rejected] = field(default_factory=list)


class _RollBackError(Exception):
    pass


def load(
    offers: Iterable[Offer], *, rejected: list[Rejected], withdraw_missing: bool = False, force: bool = False,
    dry_run: bool = False,
) -> Result:
    """Merges the offers; a lease's price never changes with them. ``rejected`` are the lines refused before.

    ``withdraw_missing`` takes off sale what the suppliers of this feed no longer offer, within the limits of
    :mod:`numbers.inventory.withdrawal`; a number whose line was rejected is still offered, so it stays.
    """
    result = Result()
    try:
        with transaction.atomic():
            _merge(offers, result, rejected, withdraw_missing, force)
            if dry_run:
                raise _RollBackError
    except _RollBackError:
        pass
    return result


def _merge(
    offers: Iterable[Offer], result: Result, rejected: list[Rejected], withdraw_missing: bool, force: bool
) -> None:
    moment = timezone.now()
    now = {"now": moment}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('numbers.import'))")  # one import at a time
        cursor.execute(STAGE)
        with cursor.copy("COPY feed FROM STDIN") as copy:
            for offer in offers:
                copy.write_row(offer)
        result.rejected = list(rejected)  # after COPY: the offers are a stream, and so are its rejections
        cursor.execute("CREATE UNIQUE INDEX ON feed (e164)")
        places.unify_feed(cursor)
        cursor.execute("ANALYZE feed")
        cursor.execute("SELECT DISTINCT supplier FROM feed")
        suppliers = [supplier for (supplier,) in cursor.fetchall()]
        for conflict in (ANOTHER_SUPPLIERS, REF_TAKEN):
            cursor.execute(conflict)
            result.rejected += [Rejected(*row) for row in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM feed")
        offered = cursor.fetchone()[0]
        if withdraw_missing:
            result.withdrawal = withdraw(
                cursor, suppliers=suppliers, rejected=result.rejected, force=force, now=moment)
        cursor.execute(UPDATE, now)
        result.updated = cursor.rowcount
        cursor.execute(INSERT, now)
        result.added = cursor.rowcount
        result.unchanged = offered - result.updated - result.added
        cursor.execute("DROP TABLE feed")  # a caller's transaction may import again
