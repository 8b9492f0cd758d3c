"""The ends of an order that give everything back: cancelled, rejected, expired.

Lock order as in :mod:`numbers.orders.services`: order, number, ledger accounts.
"""

from datetime import datetime

from django.db import transaction

from billing.ledger import services as ledger
from numbers.inventory.lifecycle import transition as move_number
from numbers.inventory.models import Number
from numbers.orders import lifecycle
from numbers.orders.models import Order
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM, Actor


@transaction.atomic
def end(*, order: Order, to: str, by: Actor, now: datetime, reason: str = "") -> Order:
    """Gives the money and the number back at once. Ending it twice in the same way is harmless.

    Raises ``order_status_changed`` when the order may not end so: it is approved, or has ended otherwise.
    """
    order = lifecycle.lock_order(order)
    if order.status == to:
        return order
    lifecycle.transition(order, to, now=now, reason=reason)
    move_number(order.number, Number.Status.AVAILABLE, updated_at=now)
    audit.record(
        project_id=order.project_id, by=by, action=f"order.{to}", subject=order.number.e164, order=str(order.ref)
    )
    if order.total:
        ledger.release(
            key=f"release:{order.pk}",
            project_id=order.project_id,
            amount=order.total,
            occurred_at=now,
            memo=f"Order of {order.number.e164} {to}",
            cause=("order", order.pk),
        )
    return order


@transaction.atomic
def cancel_order(*, order: Order, by: Actor, now: datetime) -> Order:
    """The customer no longer wants it. Raises as :func:`end` does."""
    order = end(order=order, to=Order.Status.CANCELLED, by=by, now=now)
    _mail("numbers.order_cancelled_mail", order, by.user_id)
    return order


@transaction.atomic
def expire(*, order: Order, now: datetime) -> Order:
    """Nobody completed it in time. Raises as :func:`end` does."""
    order = end(order=order, to=Order.Status.EXPIRED, by=SYSTEM, now=now)
    _mail("numbers.order_expired_mail", order, order.ordered_by_id)
    return order


def _mail(kind: str, order: Order, user_id: int | None) -> None:
    enqueue(kind, {"order": order.pk, "user": user_id}, key=f"{kind}:{order.pk}")
