"""The decision on an order: approved or rejected."""

from datetime import datetime

from django.db import transaction

from numbers.compliance import approval
from numbers.desk.review import trail
from numbers.desk.review.guards import require_undecided
from numbers.desk.review.verdicts import REASON_LENGTH
from numbers.orders.closing import end
from numbers.orders.lifecycle import lock_order
from numbers.orders.models import Order
from portal.core.text import clean_text
from projects.actor import Actor


@transaction.atomic
def approve(*, order: Order, by: Actor, now: datetime, seen: str = "") -> Order:
    """Decides for the order; a worker activates the number (:mod:`numbers.compliance.approval`).

    Raises ``order_closed``, ``page_outdated``, and what :func:`numbers.compliance.approval.approve` raises.
    """
    order = lock_order(order)
    if order.status == Order.Status.APPROVED and order.decided_by_id == by.user_id:
        return order
    require_undecided(order, seen, by)
    return approval.approve(order=order, by=by, now=now)


@transaction.atomic
def reject(*, order: Order, reason: str, by: Actor, now: datetime, seen: str = "") -> Order:
    """Gives the number and the money back at once; the customer reads why.

    Raises ``order_closed``, ``page_outdated``, ``text_missing``, ``text_too_long``, ``text_unreadable``.
    """
    missing = "Enter a reason: the customer reads it."
    reason = clean_text(reason, field="reason", most=REASON_LENGTH, missing=missing)
    order = lock_order(order)
    if order.status == Order.Status.REJECTED and order.decided_by_id == by.user_id:
        return order
    require_undecided(order, seen, by)
    Order.objects.filter(pk=order.pk).update(decided_by=by.user_id, decided_at=now)
    trail.queue_mail("order_rejected", {"order": order.pk}, now)
    return end(order=order, to=Order.Status.REJECTED, by=by, now=now, reason=reason)
