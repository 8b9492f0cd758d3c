"""What a batch of charges makes of the leases: past due when a month is not paid, active again when it is."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings

from numbers.leases import webhook_events
from numbers.leases.lifecycle import transition_all
from numbers.leases.models import Lease
from numbers.messaging import held
from numbers.renewals.allocation import Allocation
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM

ProjectAllocation = tuple[int, Allocation]  # the project's id
NUMBERS_IN_MAIL = 20  # the pages have them all


def mark_past_due(allocations: list[ProjectAllocation], now: datetime) -> int:
    """Returns how many leases became past due.

    The days of suspension and release are fixed here; what the settings say later does not change them.
    """
    short = [(project, each) for project, each in allocations if each.short and each.due.status == Lease.Status.ACTIVE]
    if short:
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
    return len(short)


def restore(allocations: list[ProjectAllocation], now: datetime) -> int:
    """Returns how many unpaid leases are active again."""
    restored = [
        (project, each)
        for project, each in allocations
        if each.paid and not each.short and each.due.status != Lease.Status.ACTIVE
    ]
    for since in Lease.UNPAID:
        transition_all(
            [each.due.lease_id for _, each in restored if each.due.status == since],
            Lease.Status.ACTIVE,
            since=since,
            past_due_since=None,
            suspends_at=None,
            releases_at=None,
            reminders_sent=0,
        )
    suspended = [(project, each.due) for project, each in restored if each.due.status == Lease.Status.SUSPENDED]
    held.release_later(due.lease_id for _, due in suspended)
    webhook_events.emit(webhook_events.RESTORED, [(project, due.e164) for project, due in suspended], now=now)
    if restored:
        audit.record_all(by=SYSTEM, action="number.restored", subjects=[_subject(*each) for each in restored])
        _enqueue_mails(restored)
    return len(restored)


def _enqueue_mails(restored: list[ProjectAllocation]) -> None:
    """One mail per project."""
    by_project: dict[int, list[Allocation]] = defaultdict(list)
    for project, each in restored:
        by_project[project].append(each)
    for project, paid in by_project.items():
        first = paid[0]
        enqueue(
            "numbers.restored_mail",
            {
                "project": project,
                "leases": [each.due.lease_id for each in paid[:NUMBERS_IN_MAIL]],
                "count": len(paid),
                "cost": str(sum((each.cost for each in paid), Decimal(0))),
            },
            key=f"numbers.restored_mail:{first.due.lease_id}:{first.next_period}",
        )


def _subject(project_id: int, allocation: Allocation) -> tuple[int, str, dict[str, Any]]:
    due = allocation.due
    return project_id, due.e164, {"lease": due.lease_id, "period": due.next_period, "monthly": str(due.price)}
