"""One transaction of monthly charges: what is due in some projects is locked, allocated (allocation.py) and charged.

Why it is done so: docs/adr/0013-monthly-charges.md. Killed at any moment it leaves nothing behind; done twice it finds
nothing to do. Lock order: numbers/renewals/project_lock.py.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from billing.ledger import services as ledger
from numbers.leases.lifecycle import transition_all
from numbers.leases.models import Lease
from numbers.renewals.allocation import Allocation, Due, allocate
from portal.core.sql import literals
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM

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
_LOCK = f"""
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
MAIL_SHOWS = 20


@dataclass(slots=True)
class BatchResult:
    """What one transaction did."""

    months: int = 0
    unpaid: int = 0  # numbers that became past due
    restored: int = 0
    busy: list[int] = field(default_factory=list)  # projects left alone: somebody holds a lease, or the wallet
    last: tuple[int, int] | None = None  # rank and id of the last lease looked at, if there may be more
    left: Decimal | None = None  # of one project's wallet
    restart: bool = False  # nothing was done: begin again at the front of the customer's order


@transaction.atomic
def charge_batch(
    project_ids: Sequence[int],
    *,
    now: datetime,
    limit: int | None = None,
    after: tuple[int, int] | None = None,
    left: Decimal | None = None,
    wait: bool,
) -> BatchResult:
    """Charges what is due. The caller has the locks of the projects (project_lock.py).

    ``limit`` and ``after`` take a part of one project, ``left`` is what the part before left in the wallet. ``wait``
    for leases and wallets that somebody holds, or leave their projects alone: a part of one would break its order.
    """
    rows, locked = _locked_dues(project_ids, now=now, limit=limit, after=after, wait=wait)
    busy = set() if wait else {project_id for lease_id, project_id, _ in rows if lease_id not in locked}
    result = BatchResult(left=left)
    if limit is not None and len(rows) == limit:
        result.last = (rows[-1][2], rows[-1][0])
    dues: dict[int, list[Due]] = defaultdict(list)
    for lease_id, project_id, _ in rows:
        if lease_id in locked and project_id not in busy:
            dues[project_id].append(locked[lease_id])
    wallets = ledger.lock_wallets(list(dues), wait=wait) if dues else {}
    result.busy = sorted(busy | (dues.keys() - wallets.keys()))
    if not wallets:
        return result
    if left is not None and any(wallet.balance > left for wallet in wallets.values()):
        # What was just refused to numbers before these might be affordable now.
        return BatchResult(restart=True)
    allocations: list[tuple[int, Allocation]] = []
    for project_id, wallet in wallets.items():
        allocated, result.left = allocate(wallet.balance, dues[project_id], now.astimezone(UTC).date())
        allocations += [(project_id, allocation) for allocation in allocated]
    _write_charges(allocations, wallets, now)
    _write_leases(allocations, result, now)
    return result


def _locked_dues(
    project_ids: Sequence[int], *, now: datetime, limit: int | None, after: tuple[int, int] | None, wait: bool
) -> tuple[list[tuple[int, int, int]], dict[int, Due]]:
    """(lease, project, rank) of what is due, in the customer's order, and what of it is ours now."""
    rank, lease_id = after or (None, None)
    values: dict[str, Any] = {
        "projects": list(project_ids),
        "today": now.astimezone(UTC).date(),
        "limit": limit,
        "after_rank": rank,
        "after_id": lease_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        rows = cursor.fetchall()
        cursor.execute(_LOCK + ("" if wait else " SKIP LOCKED"), values | {"ids": [row[0] for row in rows]})
        return rows, {row[0]: Due(*row) for row in cursor.fetchall()}


def _write_charges(allocations: list[tuple[int, Allocation]], wallets: dict[int, ledger.Wallet], now: datetime) -> None:
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


def _write_leases(allocations: list[tuple[int, Allocation]], result: BatchResult, now: datetime) -> None:
    moved = [each for _, each in allocations if each.paid]
    if moved:
        columns: list[list[int] | list[date]] = [
            [each.due.lease_id for each in moved],
            [each.next_period for each in moved],
            [each.next_charge_on for each in moved],
        ]
        with connection.cursor() as cursor:
            cursor.execute(_DATES, columns)
    result.months = sum(len(each.paid) for each in moved)
    short = [(project, each) for project, each in allocations if each.short and each.due.status == Lease.Status.ACTIVE]
    restored = [
        (project, each)
        for project, each in allocations
        if each.paid and not each.short and each.due.status != Lease.Status.ACTIVE
    ]
    result.unpaid, result.restored = len(short), len(restored)
    _mark_unpaid(short, now)
    _restore(restored, now)


def _mark_unpaid(short: list[tuple[int, Allocation]], now: datetime) -> None:
    """The days of suspension and release are fixed here; what the settings say later does not change them."""
    if not short:
        return
    transition_all(
        [each.due.lease_id for _, each in short],
        Lease.Status.PAST_DUE,
        since=Lease.Status.ACTIVE,
        past_due_since=now,
        suspends_at=now + timedelta(days=settings.SUSPEND_AFTER_DAYS),
        releases_at=now + timedelta(days=settings.RELEASE_AFTER_DAYS),
        reminders_sent=0,
    )
    audit.record_all(by=SYSTEM, action="number.past_due", subjects=[_subject(*each) for each in short])


def _restore(restored: list[tuple[int, Allocation]], now: datetime) -> None:
    if not restored:
        return
    for since in (Lease.Status.PAST_DUE, Lease.Status.SUSPENDED):
        transition_all(
            [each.due.lease_id for _, each in restored if each.due.status == since],
            Lease.Status.ACTIVE,
            since=since,
            past_due_since=None,
            suspends_at=None,
            releases_at=None,
            reminders_sent=0,
        )
    audit.record_all(by=SYSTEM, action="number.restored", subjects=[_subject(*each) for each in restored])
    by_project: dict[int, list[Allocation]] = defaultdict(list)
    for project, each in restored:
        by_project[project].append(each)
    for project, each_of in by_project.items():
        first = each_of[0]
        enqueue(
            "numbers.restored_mail",
            {
                "project": project,
                "leases": [each.due.lease_id for each in each_of[:MAIL_SHOWS]],
                "count": len(each_of),
                "cost": str(sum((each.cost for each in each_of), Decimal(0))),
            },
            key=f"numbers.restored_mail:{first.due.lease_id}:{first.next_period}",
        )


def _subject(project_id: int, allocation: Allocation) -> tuple[int, str, dict[str, Any]]:
    due = allocation.due
    return project_id, due.e164, {"lease": due.lease_id, "period": due.next_period, "monthly": str(due.price)}
