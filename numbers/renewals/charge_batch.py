"""One transaction of monthly charges: what is due in some projects is locked, allocated (allocation.py) and charged.

Why it is done so: docs/adr/0013-monthly-charges.md. Killed at any moment it leaves nothing behind; done twice it finds
nothing to do. Lock order: numbers/renewals/project_lock.py.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from billing.ledger import services as ledger
from numbers.leases.models import Lease
from numbers.renewals import lease_states
from numbers.renewals.allocation import Due, allocate
from numbers.renewals.lease_states import ProjectAllocation
from portal.core.sql import literals

# A month that has begun and is not paid, of a number that is not to be released instead. Suspended numbers always owe.
DUE = f"""(l.release_on IS NULL OR l.release_on > %(today)s)
    AND (l.status IN ({literals(*Lease.CHARGED)}) AND l.next_charge_on <= %(today)s
         OR l.status = {literals(Lease.Status.SUSPENDED)})"""
# First which, then locked by their ids: two statements that no planner gets wrong, however the numbers grow.
_DUE = f"""
SELECT l.id, l.project_id, l.renewal_rank FROM numbers_lease l
WHERE l.project_id = ANY(%(projects)s) AND {DUE}
  AND (%(after_rank)s::int IS NULL OR (l.renewal_rank, l.id) > (%(after_rank)s::int, %(after_id)s::bigint))
ORDER BY l.renewal_rank, l.id LIMIT %(limit)s
"""  # noqa: S608  a constant of ours
LOCK = f"""
SELECT l.id, l.status, (l.started_at AT TIME ZONE 'UTC')::date, l.next_period, l.monthly_price, n.e164
FROM numbers_lease l JOIN numbers_number n ON n.id = l.number_id
WHERE l.id = ANY(%(ids)s) AND {DUE}
ORDER BY l.id FOR NO KEY UPDATE OF l
"""  # noqa: S608
_CHARGES = """
INSERT INTO numbers_leasecharge (lease_id, period, starts_on, amount, charged_at)
SELECT lease_id, period, starts_on, amount, %s
FROM unnest(%s::bigint[], %s::int[], %s::date[], %s::numeric[]) AS paid (lease_id, period, starts_on, amount)
"""
# The ledger's trigger moves each account once for the whole statement. No ON CONFLICT: a month that is booked already
# while its lease says otherwise is a fault, and the transaction must not commit.
_TRANSFERS = """
INSERT INTO billing_transfer (key, kind, debit_id, credit_id, amount, occurred_at, memo, cause_kind, cause_id)
SELECT 'monthly:' || lease_id || ':' || period, 'number_monthly', debit, credit, amount, %s,
       'Month of ' || e164 || ' from ' || to_char(starts_on, 'FMDD Mon YYYY'), 'lease', lease_id
FROM unnest(%s::bigint[], %s::int[], %s::date[], %s::numeric[], %s::text[], %s::bigint[], %s::bigint[])
    AS paid (lease_id, period, starts_on, amount, e164, debit, credit)
WHERE amount > 0
"""
_DATES = """
UPDATE numbers_lease SET next_period = paid.next_period, next_charge_on = paid.next_charge_on
FROM unnest(%s::bigint[], %s::int[], %s::date[]) AS paid (id, next_period, next_charge_on)
WHERE numbers_lease.id = paid.id
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Some leases of one project, in the customer's order."""

    size: int
    after: tuple[int, int] | None = None  # rank and id of the last lease of the part before
    balance: Decimal | None = None  # what the part before left in the wallet


@dataclass(slots=True)
class BatchResult:
    """What one transaction did."""

    months: int = 0
    unpaid: int = 0  # numbers that became past due
    restored: int = 0
    busy: list[int] = field(default_factory=list)  # projects left alone: someone has locked a lease, or the wallet
    next_part: Part | None = None  # None: the project has no more that is due


@transaction.atomic
def charge_batch(project_ids: Sequence[int], *, now: datetime, part: Part | None = None, wait: bool) -> BatchResult:
    """Charges what is due, or a ``part`` of one project. The caller has locked the projects (project_lock.py).

    ``wait`` for leases and wallets that someone has locked, or leave their projects alone: charging some of a project's
    leases would break its order.
    """
    today = now.astimezone(UTC).date()
    rows, locked = _lock_dues(project_ids, today=today, part=part, wait=wait)
    busy = set() if wait else {project_id for lease_id, project_id, _ in rows if lease_id not in locked}
    dues: dict[int, list[Due]] = defaultdict(list)
    for lease_id, project_id, _ in rows:
        if lease_id in locked and project_id not in busy:
            dues[project_id].append(locked[lease_id])
    wallets = ledger.lock_wallets(list(dues), wait=wait) if dues else {}
    if part and _money_came(part, wallets):
        return BatchResult(next_part=Part(part.size))
    balance = part.balance if part else None
    allocations: list[ProjectAllocation] = []
    for project_id, wallet in wallets.items():
        allocated, balance = allocate(wallet.balance, dues[project_id], today)
        allocations += [(project_id, allocation) for allocation in allocated]
    _write_charges(allocations, wallets, now)
    _write_dates(allocations)
    return BatchResult(
        months=sum(len(each.paid) for _, each in allocations),
        unpaid=lease_states.mark_past_due(allocations, now),
        restored=lease_states.restore(allocations, now),
        busy=sorted(busy | (dues.keys() - wallets.keys())),
        next_part=Part(part.size, (rows[-1][2], rows[-1][0]), balance) if part and len(rows) == part.size else None,
    )


def _money_came(part: Part, wallets: dict[int, ledger.Wallet]) -> bool:
    """What was just refused to numbers before these might be affordable now: begin again at the front of the order."""
    return part.balance is not None and any(wallet.balance > part.balance for wallet in wallets.values())


def _lock_dues(
    project_ids: Sequence[int], *, today: date, part: Part | None, wait: bool
) -> tuple[list[tuple[int, int, int]], dict[int, Due]]:
    """(lease, project, rank) of what is due, in the customer's order; and by lease, what of it could be locked."""
    rank, lease_id = (part and part.after) or (None, None)
    values: dict[str, Any] = {
        "projects": list(project_ids),
        "today": today,
        "limit": part and part.size,
        "after_rank": rank,
        "after_id": lease_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        rows = cursor.fetchall()
        cursor.execute(LOCK + ("" if wait else " SKIP LOCKED"), values | {"ids": [row[0] for row in rows]})
        return rows, {row[0]: Due(*row) for row in cursor.fetchall()}


def _write_charges(allocations: list[ProjectAllocation], wallets: dict[int, ledger.Wallet], now: datetime) -> None:
    paid = [
        (
            each.due.lease_id,
            period,
            starts_on,
            each.due.price,
            each.due.e164,
            wallets[project].account_id,
            wallets[project].monthly_id,
        )
        for project, each in allocations
        for period, starts_on in each.paid
    ]
    if not paid:
        return
    columns = [list(column) for column in zip(*paid, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_CHARGES, [now, *columns[:4]])
        cursor.execute(_TRANSFERS, [now, *columns])


def _write_dates(allocations: list[ProjectAllocation]) -> None:
    paid = [(each.due.lease_id, each.next_period, each.next_charge_on) for _, each in allocations if each.paid]
    if paid:
        with connection.cursor() as cursor:
            cursor.execute(_DATES, [list(column) for column in zip(*paid, strict=True)])
