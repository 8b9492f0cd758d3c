"""The end of a lease, its undo, and the lock against it. Errors: docs/errors.md.

Lock order in this file: lease, number. A release moves no money: the month that is paid stays paid.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.db import transaction

from numbers.inventory.lifecycle import transition as move_number
from numbers.inventory.models import Number
from numbers.leases import quarantine, webhook_events
from numbers.leases.events import record
from numbers.leases.lifecycle import transition as move_lease
from numbers.leases.locking import lock_for_settings, lock_lease, require_live
from numbers.leases.models import Lease, ReleaseCause
from portal.accounts.telephone import international
from portal.core.errors import DomainError
from portal.core.times import long_date
from portal.jobs.outbox import enqueue
from projects.access import require_active
from projects.actor import Actor


@dataclass(frozen=True, slots=True)
class ReleaseTerms:
    """What a release means for a number: shown before it, and true after it."""

    ends_at: datetime  # when it stops working
    undo_until: datetime | None  # None: it cannot be undone
    available_from: datetime  # when others can have it


def release_terms(lease: Lease, *, at_period_end: bool, now: datetime) -> ReleaseTerms:
    """``lease`` with its number. For a released lease: as it was done."""
    ends_at = lease.ended_at or (_start_of(lease) if at_period_end else now)
    return ReleaseTerms(ends_at, _undo_until(lease, ends_at), quarantine.ends_at(lease.number.country, ends_at))


def may_wait(lease: Lease) -> bool:
    """Whether there is a paid period at whose end the lease could be released."""
    return lease.status == Lease.Status.ACTIVE


def can_undo(lease: Lease, *, now: datetime) -> bool:
    """For a page; :func:`undo` has the last word. ``lease`` with its number."""
    if lease.ended_at is None or lease.number.status != Number.Status.QUARANTINED:
        return False
    until = _undo_until(lease, lease.ended_at)
    return until is not None and now < until


@transaction.atomic
def release(*, lease: Lease, at_period_end: bool, by: Actor, now: datetime) -> Lease:
    """Ends the lease now, or schedules its end for the day on which the next month would be charged.

    Also in an archived project: otherwise its numbers could not be stopped. Raises ``lease_ended`` (released before),
    ``number_locked``, ``release_scheduled`` (the same end is set already) and ``period_over`` (no paid period runs).
    """
    lease = lock_lease(lease)
    require_live(lease)
    if lease.locked:
        raise DomainError(
            "number_locked",
            f"{international(lease.number.e164)} is locked against release. Unlock it first.",
        )
    if not at_period_end:
        return end_lease(lease=lease, cause=ReleaseCause.CUSTOMER, by=by, now=now)
    if not may_wait(lease):
        raise DomainError("period_over", "The current month is not paid. Release the number at once instead.")
    if lease.release_on == lease.next_charge_on:
        raise _scheduled(lease)
    lease.release_on = lease.next_charge_on
    lease.save(update_fields=["release_on"])
    record(lease, "number.release_scheduled", by, on=lease.release_on.isoformat())
    return lease


@transaction.atomic
def cancel_release(*, lease: Lease, by: Actor, now: datetime) -> Lease:
    """Cancels the release that is scheduled for the end of the period. Harmless where none is.

    Raises ``lease_ended``, ``project_archived``.
    """
    lease = lock_for_settings(lease)
    if lease.release_on is not None:
        was, lease.release_on = lease.release_on, None
        lease.save(update_fields=["release_on"])
        record(lease, "number.release_withdrawn", by, on=was.isoformat())
    return lease


@transaction.atomic
def end_lease(*, lease: Lease, cause: str, by: Actor, now: datetime) -> Lease:
    """Ends a lease and puts its number into quarantine; ``cause`` is a ReleaseCause. Returns the ended lease.

    The lock of a number does not count here: it keeps people from a mistake, not a bill from having consequences.
    Raises ``lease_ended`` when it has ended before.
    """
    lease = lock_lease(lease)
    require_live(lease)
    move_lease(lease, Lease.Status.RELEASED, now=now, release_cause=cause, release_on=None)
    available_from = quarantine.ends_at(lease.number.country, now)
    move_number(lease.number, Number.Status.QUARANTINED, available_from=available_from, updated_at=now)
    by_customer = cause == ReleaseCause.CUSTOMER
    action = "number.released" if by_customer else "number.released_unpaid"
    record(lease, action, by, available_from=available_from.isoformat())
    webhook_events.emit(webhook_events.RELEASED, [(lease.project_id, lease.number.e164)], now=now)
    if by_customer:
        moment = now.isoformat()  # released, undone and released again is two mails
        enqueue(
            "numbers.released_mail",
            {"lease": lease.pk, "user": by.user_id, "ended_at": moment},
            key=f"numbers.released_mail:{lease.pk}:{moment}",
        )
    return lease


@transaction.atomic
def undo(*, lease: Lease, by: Actor, now: datetime) -> Lease:
    """The number comes back with its settings, while the paid period and the days for it run; nothing is charged.

    Raises ``not_released``, ``undo_over``, ``project_archived``.
    """
    lease = lock_lease(lease)
    if lease.ended_at is None:
        raise DomainError("not_released", "This number has not been released; there is nothing to undo.")
    require_active(lease.project)
    number = Number.objects.select_for_update(no_key=True).get(pk=lease.number_id)
    until = _undo_until(lease, lease.ended_at)
    if until is None or now >= until:
        raise DomainError("undo_over", "This release can no longer be undone.")
    leased_since = Lease.objects.filter(number=number, pk__gt=lease.pk).exists()
    if number.status != Number.Status.QUARANTINED or leased_since:
        raise DomainError(
            "undo_over", "This number is no longer reserved for you; the release can no longer be undone."
        )
    move_lease(lease, Lease.Status.ACTIVE, now=now, release_cause="")
    move_number(number, Number.Status.LEASED, available_from=None, updated_at=now)
    record(lease, "number.release_undone", by)
    return lease


@transaction.atomic
def set_lock(*, lease: Lease, locked: bool, by: Actor, now: datetime) -> Lease:
    """Whether the customer can release the number. Setting what is set changes nothing and is not recorded.

    Unlocking works in an archived project too, because releasing does. Raises ``lease_ended``, ``project_archived``,
    ``release_scheduled`` (a number that is to be released cannot be locked).
    """
    lease = lock_lease(lease)
    require_live(lease)
    if lease.locked == locked:
        return lease
    if locked:
        require_active(lease.project)
        if lease.release_on is not None:
            raise _scheduled(lease)
    lease.locked = locked
    lease.save(update_fields=["locked"])
    record(lease, "number.locked" if locked else "number.unlocked", by)
    return lease


def _undo_until(lease: Lease, ended_at: datetime) -> datetime | None:
    """The earlier of the days for it and the end of the paid period; None when there is no such time."""
    if lease.release_cause == ReleaseCause.UNPAID or lease.past_due_since is not None:
        return None
    until = min(ended_at + timedelta(days=settings.RELEASE_UNDO_DAYS), _start_of(lease))
    return until if until > ended_at else None


def _start_of(lease: Lease) -> datetime:
    """The end of the paid period: the beginning of the day of the next charge, UTC."""
    return datetime.combine(lease.next_charge_on, time(), UTC)


def _scheduled(lease: Lease) -> DomainError:
    day = long_date(lease.release_on) if lease.release_on else ""
    return DomainError(
        "release_scheduled", f"{international(lease.number.e164)} is already scheduled for release on {day}."
    )
