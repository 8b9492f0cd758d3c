"""Reads on the ledger: balances, the history of a project's credits, and what was spent per day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate

from billing.ledger import services
from billing.ledger.models import Account, AccountKind, Transfer, TransferKind
from billing.mode import livemode

ZERO = Decimal("0.000000")
CHARGES = frozenset({TransferKind.SETUP, TransferKind.MONTHLY, TransferKind.USAGE})
REVENUE = (AccountKind.SETUP, AccountKind.MONTHLY, AccountKind.USAGE)


def _accounts(project_id: int) -> QuerySet[Account]:
    return Account.objects.filter(project_id=project_id, currency=settings.CURRENCY, livemode=livemode())


def balances(project_id: int) -> dict[str, Decimal]:
    """Balances by kind of account; a kind that the project does not have yet is absent."""
    return dict(_accounts(project_id).values_list("kind", "balance"))


def balance(project_id: int) -> Decimal:
    """What the project can spend now; negative when usage or a reversed payment overdrew it."""
    return _one(project_id, AccountKind.WALLET)


def balance_at(project_id: int, at: datetime) -> QuerySet[Account, Decimal]:
    """What the project could spend at that moment: what it has now, without the movements since. A query, for use in
    others; no row while the project has no wallet."""
    since = Transfer.objects.filter(created_at__gt=at).order_by()
    came, went = (
        Coalesce(Subquery(of_side.annotate(sum=Sum("amount")).values("sum")), ZERO)
        for of_side in (since.filter(**{side: OuterRef("pk")}).values(side) for side in ("credit", "debit"))
    )
    wallet = _accounts(project_id).filter(kind=AccountKind.WALLET)
    return wallet.values_list(F("balance") - came + went, flat=True)


def held(project_id: int) -> Decimal:
    """What is set aside for orders."""
    return _one(project_id, AccountKind.HELD)


def balance_of(project_id: int, kind: str) -> QuerySet[Account, Decimal]:
    """Of one kind of account, as a query for use in others; no row while the project does not have it."""
    return _accounts(project_id).filter(kind=kind).values_list("balance", flat=True)


def _one(project_id: int, kind: str) -> Decimal:
    row = balance_of(project_id, kind).first()
    return ZERO if row is None else row


@dataclass(frozen=True, slots=True)
class Movement:
    """One transfer as the customer sees it: what it changed, and what was there afterwards."""

    id: int
    occurred_at: datetime
    kind: str  # a charge is one of CHARGES, whether the wallet paid it or a hold: never ``capture``
    memo: str
    cause_kind: str
    cause_id: int
    change: Decimal  # of the wallet
    held_change: Decimal
    balance: Decimal  # of the wallet, after it
    held: Decimal

    @property
    def label(self) -> str:
        return TransferKind(self.kind).label

    @property
    def amount(self) -> Decimal:
        """What the row says was moved: of the wallet, or of what was held when a charge was paid from there."""
        return self.change or self.held_change

    @property
    def charged(self) -> Decimal:
        """What the customer paid for something by this movement; a hold and its release are no charge."""
        return -self.amount if self.kind in CHARGES else ZERO


@dataclass(frozen=True, slots=True)
class MovementFilter:
    kind: str = ""
    since: date | None = None
    until: date | None = None  # inclusive


# A capture is the charge that it pays. By account, as every sum of what was spent.
_KIND = """CASE WHEN kind <> 'capture' THEN kind
     WHEN credit_id = %(revenue_setup)s THEN 'number_setup' ELSE 'number_monthly' END"""

# One statement, so that balances and movements are of the same moment. What a row left behind is today's balance
# minus all that came after it; only rows from the page's oldest on are read for it. Filters narrow `picked`,
# never the sums.
_HISTORY = """
WITH w AS (SELECT id, balance FROM billing_account WHERE id = %(wallet)s),
     h AS (SELECT id, balance FROM billing_account WHERE id = %(held)s),
picked AS (
    SELECT DISTINCT id FROM (
        (SELECT id FROM billing_transfer WHERE debit_id = %(wallet)s AND {filter} ORDER BY id DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT id FROM billing_transfer WHERE credit_id = %(wallet)s AND {filter} ORDER BY id DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT id FROM billing_transfer WHERE debit_id = %(held)s AND {filter} ORDER BY id DESC LIMIT %(limit)s)
    ) each ORDER BY id DESC LIMIT %(limit)s
),
moved AS (
    SELECT t.*,
           CASE WHEN t.credit_id = %(wallet)s THEN t.amount WHEN t.debit_id = %(wallet)s THEN -t.amount
                ELSE 0 END AS change,
           CASE WHEN t.credit_id = %(held)s THEN t.amount WHEN t.debit_id = %(held)s THEN -t.amount
                ELSE 0 END AS held_change
    FROM billing_transfer t
    WHERE t.id >= (SELECT min(id) FROM picked)
      AND (t.debit_id IN (%(wallet)s, %(held)s) OR t.credit_id IN (%(wallet)s, %(held)s))
),
running AS (
    SELECT moved.*, w.balance - coalesce(sum(change) OVER newer, 0) AS balance,
           h.balance - coalesce(sum(held_change) OVER newer, 0) AS held
    FROM moved, w, h
    WINDOW newer AS (ORDER BY moved.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT id, occurred_at, {kind}, memo, cause_kind, cause_id, change, held_change, balance, held
FROM running JOIN picked USING (id) ORDER BY id DESC
"""


def _history(
    project_id: int, only: MovementFilter, before: int | None, limit: int | None
) -> tuple[str, dict[str, Any]]:
    accounts = services.ensure_accounts(project_id)
    conditions, values = ["true"], {"limit": limit} | accounts
    given: list[tuple[str, str, Any]] = [
        ("before", "id < %(before)s", before),
        ("kind", f"{_KIND} = %(kind)s", only.kind or None),
        ("since", "occurred_at >= %(since)s", _start_of(only.since)),
        ("until", "occurred_at < %(until)s", _start_of(only.until, plus=1)),
    ]
    for name, condition, value in given:
        if value is not None:
            conditions.append(condition)
            values[name] = value
    return _HISTORY.format(kind=_KIND, filter=" AND ".join(conditions)), values


def _start_of(day: date | None, plus: int = 0) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=plus)


def history(
    project_id: int, *, only: MovementFilter | None = None, before: int | None = None, limit: int = 50
) -> tuple[list[Movement], int | None]:
    """Movements of the wallet and of what is held, newest first, and the cursor of the next page (None at the end)."""
    sql, values = _history(project_id, only or MovementFilter(), before, limit + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = [Movement(*row) for row in cursor.fetchall()]
    more = len(rows) > limit
    return rows[:limit], rows[limit - 1].id if more else None


def whole_history(project_id: int, only: MovementFilter) -> Iterator[Movement]:
    """Every movement, newest first, read from the database as it is consumed."""
    sql, values = _history(project_id, only, None, None)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(1000):
            yield from (Movement(*row) for row in rows)


def spend_by_day(project_id: int, start: date, end: date) -> list[tuple[date, Decimal]]:
    """What was charged on each day (UTC) from ``start`` to ``end``, both included; days without a charge are 0."""
    revenue = _accounts(project_id).filter(kind__in=REVENUE)
    charged = Transfer.objects.filter(
        credit__in=revenue, occurred_at__gte=_start_of(start), occurred_at__lt=_start_of(end, plus=1)
    )
    by_day = charged.values(day=TruncDate("occurred_at", tzinfo=UTC)).annotate(spent=Sum("amount"))
    spent = dict(by_day.values_list("day", "spent"))
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return [(day, spent.get(day, ZERO)) for day in days]


def used_since(project_id: int, start: datetime) -> Decimal:
    """What usage was charged from ``start`` on."""
    usage = _accounts(project_id).filter(kind=AccountKind.USAGE)
    charged = Transfer.objects.filter(credit__in=usage, occurred_at__gte=start)
    return charged.aggregate(total=Sum("amount", default=ZERO))["total"]
