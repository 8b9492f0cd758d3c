"""What a feed no longer offers is taken off sale, unless the feed may be damaged (docs/adr/0025).

Runs inside the import's transaction, on its temporary table ``feed``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from numbers.inventory.feed_checks import COLUMNS, Rejected
from numbers.inventory.models import NumberStatus as Status

CREATE_REJECTED = """
CREATE TEMPORARY TABLE feed_rejected (
  line int, e164 text COLLATE "C", supplier text, supplier_ref text, hides boolean) ON COMMIT DROP
"""
UNIDENTIFIED = """
SELECT line FROM feed_rejected r
 WHERE hides OR (NOT EXISTS (SELECT FROM numbers_number n WHERE n.e164 = r.e164)
                 AND NOT EXISTS (SELECT FROM numbers_number n
                                  WHERE n.supplier = r.supplier AND n.supplier_ref = r.supplier_ref))
 ORDER BY line LIMIT 1
"""
# The last line without a line end is whole if it says what the catalogue says.
CUT_OFF = """
SELECT f.line FROM feed f WHERE f.is_last_open AND NOT EXISTS (
  SELECT FROM numbers_number n WHERE n.e164 = f.e164 AND n.supplier = f.supplier
     AND ({ours}) IS NOT DISTINCT FROM ({theirs}))
""".format(  # noqa: S608  constants
    ours=", ".join(f"n.{column}" for column in COLUMNS), theirs=", ".join(f"f.{column}" for column in COLUMNS)
)
# A number in quarantine too, once its last owner can no longer undo the release.
ON_SALE = f"""
n.supplier = ANY(%(suppliers)s)
   AND (n.status = '{Status.AVAILABLE}' OR n.status = '{Status.QUARANTINED}' AND NOT EXISTS (
        SELECT FROM numbers_lease l WHERE l.number_id = n.id AND l.ended_at > %(undo_from)s))
"""
CREATE_MISSING = f"""
CREATE TEMPORARY TABLE feed_missing ON COMMIT DROP AS
SELECT n.id, n.supplier, n.country, n.status FROM numbers_number n
 WHERE {ON_SALE} AND NOT EXISTS (SELECT FROM feed f WHERE f.e164 = n.e164)
   AND NOT EXISTS (SELECT FROM feed_rejected r WHERE r.e164 = n.e164)
   AND NOT EXISTS (SELECT FROM feed_rejected r WHERE r.supplier = n.supplier AND r.supplier_ref = n.supplier_ref)
"""  # noqa: S608  constants
SHARES = f"""
SELECT s.supplier, sum(missing)::int, sum(on_sale)::int,
       coalesce(array_agg(s.country ORDER BY s.country) FILTER (
         WHERE missing = on_sale
           AND NOT EXISTS (SELECT FROM feed f WHERE f.supplier = s.supplier AND f.country = s.country)), '{{}}')
  FROM (SELECT supplier, country, count(*) AS on_sale FROM numbers_number n WHERE {ON_SALE} GROUP BY 1, 2) s
  LEFT JOIN (SELECT supplier, country, count(*) AS missing FROM feed_missing GROUP BY 1, 2) m
       ON m.supplier = s.supplier AND m.country = s.country
 GROUP BY s.supplier HAVING sum(missing) > 0 ORDER BY s.supplier
"""  # noqa: S608  constants
# A number that was sold in the meantime is left alone.
WITHDRAW = f"""
UPDATE numbers_number n SET status = '{Status.WITHDRAWN}', updated_at = %(now)s
  FROM feed_missing m WHERE n.id = m.id AND n.status = m.status
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Share:
    """What a supplier no longer offers of what we sell of it."""

    supplier: str
    missing: int
    on_sale: int
    countries: tuple[str, ...]  # of which nothing would be left

    @property
    def is_too_much(self) -> bool:
        return self.missing * 100 > self.on_sale * settings.WITHDRAW_LIMIT_PERCENT or bool(self.countries)

    def __str__(self) -> str:
        text = (
            f"{self.supplier}: {self.missing:,} of {self.on_sale:,} numbers on sale "
            f"({self.missing * 100 / self.on_sale:.3g} %)"
        )
        return text + (f", all of {', '.join(self.countries)}" if self.countries else "")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """``reason`` says in words why nothing was withdrawn; empty if it was, or if nothing was missing."""

    count: int = 0
    shares: tuple[Share, ...] = ()
    reason: str = ""


def withdraw(
    cursor: CursorWrapper, *, suppliers: list[str], rejected: list[Rejected], force: bool, now: datetime
) -> Withdrawal:
    """All that is missing, or nothing. ``force`` lifts the limit, but not the doubt that a damaged line leaves."""
    _copy_rejected(cursor, rejected)
    params: dict[str, Any] = {
        "now": now,
        "suppliers": suppliers,
        "undo_from": now - timedelta(days=settings.RELEASE_UNDO_DAYS),
    }
    shares = _missing_shares(cursor, params)
    reason, count = _reason_to_doubt(cursor) if shares else "", 0
    if not reason and not force and any(share.is_too_much for share in shares):
        reason = (
            f"That is more than {settings.WITHDRAW_LIMIT_PERCENT} % of a supplier's numbers, or all of a "
            "country. If the feed is whole, run the import again with --force."
        )
    if shares and not reason:
        cursor.execute(WITHDRAW, params)
        count = cursor.rowcount
    cursor.execute("DROP TABLE feed_missing, feed_rejected")
    return Withdrawal(count, shares, reason)


def _copy_rejected(cursor: CursorWrapper, rejected: list[Rejected]) -> None:
    cursor.execute(CREATE_REJECTED)
    with cursor.copy("COPY feed_rejected FROM STDIN") as copy:
        for row in rejected:
            copy.write_row(
                (
                    row.line,
                    None if row.is_known_by_ref_only else row.e164,
                    row.supplier or None,
                    row.supplier_ref or None,
                    row.hides,
                )
            )
    cursor.execute("ANALYZE feed_rejected")


def _missing_shares(cursor: CursorWrapper, params: dict[str, Any]) -> tuple[Share, ...]:
    cursor.execute(CREATE_MISSING, params)
    cursor.execute(SHARES, params)
    return tuple(
        Share(supplier, missing, on_sale, tuple(countries))
        for supplier, missing, on_sale, countries in cursor.fetchall()
    )


def _reason_to_doubt(cursor: CursorWrapper) -> str:
    cursor.execute(UNIDENTIFIED)
    if found := cursor.fetchone():
        return (
            f"Line {found[0]} was refused and may stand for any number. Correct it or take it out, then run the "
            "import again."
        )
    cursor.execute(CUT_OFF)
    if found := cursor.fetchone():
        return (
            f"The file ends in line {found[0]} without a line end, so it may be cut off. If it is whole, add a "
            "line end and run the import again."
        )
    return ""
