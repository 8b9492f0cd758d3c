"""Approving an order, and what staff see and do until a worker has activated the number.

The approval only commits the decision and queues a job; :mod:`numbers.orders.activation` is the job's work. A worker,
the broker or a connection may die in between: the order is then approved and its job queued or failed, never lost.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db import transaction

from numbers.compliance import checklist
from numbers.orders import lifecycle
from numbers.orders.activation import KIND
from numbers.orders.models import Order
from portal.core.errors import DomainError
from portal.jobs import outbox
from portal.jobs.models import Job
from projects import audit
from projects.access import require_active
from projects.actor import Actor


class Stage(StrEnum):
    """How far the activation of an order is."""

    NONE = "none"  # not approved
    WAITING = "waiting"
    FAILED = "failed"  # out of attempts: nothing happens until staff retry it or withdraw the approval
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Activation:
    stage: Stage
    attempts: int = 0
    last_error: str = ""  # for staff; never shown to customers
    next_try_at: datetime | None = None  # while waiting

    @property
    def waiting(self) -> bool:
        return self.stage == Stage.WAITING

    @property
    def failed(self) -> bool:
        return self.stage == Stage.FAILED

    @property
    def done(self) -> bool:
        return self.stage == Stage.DONE


@transaction.atomic
def approve(*, order: Order, by: Actor, now: datetime) -> Order:
    """Commits the decision; a worker activates the number. Approving twice is harmless.

    Raises ``order_status_changed`` when the order is not in review, ``project_archived``, and ``order_incomplete``
    (with ``lines``, the titles) when a requirement is not accepted.
    """
    order = lifecycle.lock_order(order)
    if order.status in (Order.Status.APPROVED, Order.Status.ACTIVE):
        return order
    if order.status == Order.Status.IN_REVIEW:  # else the transition says what the order is
        require_active(order.project)
        _require_accepted(order, now)
    lifecycle.transition(order, Order.Status.APPROVED, now=now, decided_by_id=by.user_id, decided_at=now)
    _record(order, "order.approved", by)
    _queue(order, now)
    return order


@transaction.atomic
def withdraw_approval(*, order: Order, by: Actor, now: datetime) -> Order:
    """Puts an approved order that is not active yet back into review; its place in the queue stays.

    Raises ``order_status_changed`` when it is not approved, or was activated meanwhile.
    """
    order = lifecycle.lock_order(order)
    if order.status == Order.Status.IN_REVIEW:
        return order
    if order.status != Order.Status.APPROVED:
        raise _not_approved(order)
    job = _job(order)
    lifecycle.transition(order, Order.Status.IN_REVIEW, now=now, decided_by_id=None, decided_at=None)
    _record(order, "order.approval_taken_back", by)
    if job is not None:
        outbox.queue_again(job_id=job.pk, now=now)  # a failed one finds nothing to do, and no longer alarms anybody
    return order


def activation_of(order: Order) -> Activation:
    """One query, or none for an order that is not approved."""
    if order.status == Order.Status.ACTIVE:
        return Activation(Stage.DONE)
    if order.status != Order.Status.APPROVED:
        return Activation(Stage.NONE)
    job = _job(order)
    if job is None:  # resume_activations() finds it within minutes
        return Activation(Stage.WAITING)
    stage = Stage.FAILED if job.state == Job.State.FAILED else Stage.WAITING
    return Activation(stage, job.attempts, job.last_error, None if stage == Stage.FAILED else job.run_at)


@transaction.atomic
def retry_activation(*, order: Order, by: Actor, now: datetime) -> Order:
    """Gives a failed activation a fresh set of attempts. Harmless while it is still being tried, or is done.

    Raises ``order_status_changed`` when the order is neither approved nor active.
    """
    order = lifecycle.lock_order(order)
    if order.status == Order.Status.ACTIVE:
        return order
    if order.status != Order.Status.APPROVED:
        raise _not_approved(order)
    job = _job(order)
    if job is not None and outbox.queue_again(job_id=job.pk, now=now):
        _record(order, "order.handover_tried_again", by)
    else:
        _queue(order, now)
    return order


def resume_activations(*, now: datetime, batch: int = 200) -> int:
    """Queues the activation of approved orders that have no job that will do it. Returns how many that were.

    Approval and job are one commit, so there are none, unless rows were removed or restored by hand.
    """
    found = 0
    for order in Order.objects.filter(status=Order.Status.APPROVED).order_by("decided_at", "id")[:batch]:
        job = _job(order)
        if job is None or job.state == Job.State.DONE:
            with transaction.atomic():
                locked = lifecycle.lock_order(order)
                if locked.status == Order.Status.APPROVED:
                    found += _queue(locked, now)
    return found


def _require_accepted(order: Order, now: datetime) -> None:
    titles = [item.requirement.title for item in checklist.items(order, now.date()) if not item.is_accepted]
    if titles:
        raise DomainError("order_incomplete", f"Not accepted yet: {', '.join(titles)}.", lines=titles)


def _record(order: Order, action: str, by: Actor) -> None:
    audit.record(project_id=order.project_id, by=by, action=action, subject=order.number.e164, order=str(order.ref))


def _not_approved(order: Order) -> DomainError:
    words = order.get_status_display().lower()
    return DomainError("order_status_changed", f"This order is {words}, not approved.", now=order.status)


def _key(order: Order) -> str:
    """One job per decision: an order that is approved again after its approval was withdrawn gets another."""
    decided_at = order.decided_at or order.created_at
    return f"{KIND}:{order.pk}:{decided_at.astimezone(UTC):%Y%m%dT%H%M%S%f}"


def _job(order: Order) -> Job | None:
    return Job.objects.filter(key=_key(order)).first()


def _queue(order: Order, now: datetime) -> bool:
    """True if that made a difference. Call with the order's row locked."""
    job = _job(order)
    if job is None:
        outbox.enqueue(KIND, {"order": order.pk}, key=_key(order))
        return True
    # Done, though the order is still approved: withdrawn and approved again in the same instant.
    return outbox.queue_again(job_id=job.pk, now=now, state=Job.State.DONE)
