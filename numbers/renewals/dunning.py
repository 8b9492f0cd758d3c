"""Dunning: reminders on the announced days after an unpaid month, then the suspension, then the release.

The days are fixed when the month cannot be charged (lease_states.py) and never move earlier. Nothing happens to a
number whose customer was not notified, nor to one whose month the wallet could pay: that one is about to be charged.
Lock order: numbers/renewals/project_lock.py.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q

from billing.ledger.queries import balance
from numbers.leases import webhook_events
from numbers.leases.lifecycle import transition_all
from numbers.leases.models import Lease, ReleaseCause
from numbers.leases.releasing import end_lease
from numbers.renewals import project_lock
from numbers.renewals.lease_states import NUMBERS_IN_MAIL
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM

log = logging.getLogger(__name__)

RELEASES_PER_PROJECT = 500  # in one transaction; the next run goes on
LATE = timedelta(days=1)


@dataclass(slots=True)
class DunningResult:
    mailed: int = 0  # projects
    suspended: int = 0  # numbers, here and below
    released: int = 0


def run_dunning(*, now: datetime) -> DunningResult:
    """Does what is due to unpaid numbers, project by project; each step of each lease happens once."""
    result = DunningResult()
    result.mailed = _each_project(_to_remind(now), _remind, now)
    result.suspended = _each_project(_to_suspend(now), _suspend, now)
    result.released = _each_project(_to_release(now), _release, now)
    if result != DunningResult():
        log.info("renewals.followed", extra=asdict(result))
    return result


def _reminder_days() -> list[timedelta]:
    return [timedelta(days=day) for day in sorted(settings.UNPAID_MAIL_DAYS)]


def _to_remind(now: datetime) -> Q:
    """Not what is about to be suspended: after a standstill the customer gets the latest news, not all of them."""
    due = Q(pk__in=[])
    for sent, day in enumerate(_reminder_days()):
        due |= Q(reminders_sent__lte=sent, past_due_since__lte=now - day)
    return due & Q(status=Lease.Status.PAST_DUE) & (Q(suspends_at__gt=now) | Q(reminders_sent=0))


def _to_suspend(now: datetime) -> Q:
    return _announced() & Q(status=Lease.Status.PAST_DUE, suspends_at__lte=now, releases_at__gt=now)


def _to_release(now: datetime) -> Q:
    return _announced() & Q(status__in=Lease.UNPAID, releases_at__lte=now)


def _announced() -> Q:
    return Q(reminders_sent__gt=0) if settings.UNPAID_MAIL_DAYS else Q()


Step = Callable[[int, list[Lease], datetime], int]


def _each_project(condition: Q, step: Step, now: datetime) -> int:
    """``step`` on the leases of each project that meet ``condition``, locked, in a transaction of its own."""
    projects = Lease.objects.filter(condition).order_by("project_id").values_list("project_id", flat=True).distinct()
    done = 0
    for project_id in list(projects):
        try:
            with transaction.atomic():
                if project_lock.try_lock([project_id]):  # or else its months are just being charged
                    leases = _lock_leases(project_id, condition)
                    done += step(project_id, leases, now) if leases else 0
        except OperationalError:
            log.warning("renewals.project_waits", extra={"project": project_id}, exc_info=True)
        except Exception:
            log.exception("renewals.follow_failed", extra={"project": project_id})
    return done


def _lock_leases(project_id: int, condition: Q) -> list[Lease]:
    """In the customer's order. What someone else has locked is left for the next run."""
    leases = Lease.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    found = leases.filter(condition, project=project_id).select_related("number")
    return list(found.order_by("renewal_rank", "id"))


def _remind(project_id: int, leases: list[Lease], now: datetime) -> int:
    """One mail sums up all that is unpaid in the project, whatever the day of each number."""
    alike: dict[tuple[int, timedelta], list[int]] = defaultdict(list)
    for lease in leases:
        alike[_reminders(lease, now)].append(lease.pk)
    for (sent, late), ids in alike.items():
        Lease.objects.filter(pk__in=ids).update(
            reminders_sent=sent, suspends_at=F("suspends_at") + late, releases_at=F("releases_at") + late
        )
    first = leases[0]
    enqueue(
        "numbers.unpaid_mail",
        {"project": project_id},
        key=f"numbers.unpaid_mail:{project_id}:{first.pk}:{first.past_due_since:%Y%m%dT%H%M%S}:{now:%Y%m%dT%H%M%S}",
    )
    return 1


def _reminders(lease: Lease, now: datetime) -> tuple[int, timedelta]:
    """How many reminders are due by now, and by how much the days of suspension and release move.

    They move when the first reminder comes late, because nobody ran this: by as much, and never back.
    """
    since = cast(datetime, lease.past_due_since)  # by the constraint lease_unpaid_is_dated
    days = [since + day for day in _reminder_days()]
    late = now - days[0]
    moves = lease.reminders_sent == 0 and late > LATE
    return sum(day <= now for day in days), late if moves else timedelta(0)


def _suspend(project_id: int, leases: list[Lease], now: datetime) -> int:
    leases = _unaffordable(project_id, leases)
    transition_all([lease.pk for lease in leases], Lease.Status.SUSPENDED, since=Lease.Status.PAST_DUE)
    audit.record_all(
        by=SYSTEM,
        action="number.suspended",
        subjects=[(project_id, lease.number.e164, {"lease": lease.pk}) for lease in leases],
    )
    numbers = [(project_id, lease.number.e164) for lease in leases]
    webhook_events.emit(webhook_events.SUSPENDED, numbers, now=now)
    _enqueue_mail("numbers.suspended_mail", project_id, leases)
    return len(leases)


def _release(project_id: int, leases: list[Lease], now: datetime) -> int:
    leases = _unaffordable(project_id, leases)[:RELEASES_PER_PROJECT]
    for lease in leases:
        end_lease(lease=lease, cause=ReleaseCause.UNPAID, by=SYSTEM, now=now)
    _enqueue_mail("numbers.unpaid_released_mail", project_id, leases)
    return len(leases)


def _unaffordable(project_id: int, leases: list[Lease]) -> list[Lease]:
    """Without those that the wallet could pay: their money has come, the charge is on its way."""
    credit = balance(project_id)
    return [lease for lease in leases if lease.monthly_price > credit]


def _enqueue_mail(kind: str, project_id: int, leases: list[Lease]) -> None:
    if leases:
        first = leases[0]
        enqueue(
            kind,
            {"project": project_id, "leases": [lease.pk for lease in leases[:NUMBERS_IN_MAIL]], "count": len(leases)},
            key=f"{kind}:{first.pk}:{first.past_due_since:%Y%m%dT%H%M%S}",
        )
