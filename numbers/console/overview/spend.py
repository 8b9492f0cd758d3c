"""What the numbers of a project cost in a month, read from the ledger: its sums are the ledger's sums."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from billing.mode import livemode
from projects.models import Project

PAGE_SIZE = 50

# A charge belongs to the number of the lease or the order that caused it. In SQL, because a cause is a kind and an id:
# the ORM cannot join along it, nor group by the number that either way leads to.
_SPENT = """
WITH charged AS (
    SELECT a.kind, t.cause_kind, t.cause_id, t.amount
    FROM billing_account a JOIN billing_transfer t ON t.credit_id = a.id
    WHERE a.project_id = %(project)s AND a.kind IN ('revenue_setup', 'revenue_monthly')
      AND a.currency = %(currency)s AND a.livemode = %(livemode)s
      AND t.occurred_at >= %(start)s AND t.occurred_at < %(end)s
), per_number AS (
    SELECT coalesce(l.number_id, o.number_id) AS number_id, max(l.id) AS lease_id,
           coalesce(sum(amount) FILTER (WHERE kind = 'revenue_setup'), 0) AS setup,
           coalesce(sum(amount) FILTER (WHERE kind = 'revenue_monthly'), 0) AS monthly,
           sum(amount) AS total
    FROM charged
    LEFT JOIN numbers_lease l ON charged.cause_kind = 'lease' AND l.id = charged.cause_id
    LEFT JOIN numbers_order o ON charged.cause_kind = 'order' AND o.id = charged.cause_id
    GROUP BY 1
)
"""
_TOTALS = (
    _SPENT
    + """
SELECT count(number_id), coalesce(sum(setup), 0), coalesce(sum(monthly), 0), coalesce(sum(total), 0) FROM per_number
"""
)
_ROWS = (
    _SPENT
    + """
SELECT coalesce(n.e164, ''), coalesce(n.country, ''), coalesce(n.city, ''), coalesce(n.region, ''),
       p.lease_id, coalesce(l.friendly_name, ''), coalesce(l.status, ''), p.setup, p.monthly, p.total
FROM per_number p
LEFT JOIN numbers_number n ON n.id = p.number_id
LEFT JOIN numbers_lease l ON l.id = p.lease_id
WHERE coalesce(n.e164, '') > %(after)s OR %(after)s = ''
ORDER BY 1
LIMIT %(limit)s
"""
)


@dataclass(frozen=True, slots=True)
class NumberSpend:
    e164: str  # "" for a charge that belongs to no number
    country: str
    city: str
    region: str
    lease_id: int | None
    friendly_name: str
    status: str  # of the lease, now
    setup: Decimal
    monthly: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class MonthSpend:
    month: date  # its first day
    quantity: int  # numbers billed
    setup: Decimal
    monthly: Decimal
    amount: Decimal
    rows: list[NumberSpend]
    next_after: str  # ask for the following page with it


def first_day(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def preceding(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_spend(project: Project, month: date, *, after: str = "") -> MonthSpend:
    """The overview of a calendar month (UTC): totals, and a page of numbers in numerical order."""
    values: dict[str, Any] = {
        "project": project.pk,
        "currency": settings.CURRENCY,
        "livemode": livemode(),
        "start": first_day(month),
        "end": first_day(following(month)),
        "after": after,
        "limit": PAGE_SIZE + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, values)
        quantity, setup, monthly, amount = cursor.fetchone()
        cursor.execute(_ROWS, values)
        rows = [NumberSpend(*row) for row in cursor.fetchall()]
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return MonthSpend(month.replace(day=1), quantity, setup, monthly, amount, rows, rows[-1].e164 if more else "")
