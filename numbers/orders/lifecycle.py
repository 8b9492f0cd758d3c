"""Which status of an order may follow which, and until when something may be added to it."""

from datetime import datetime
from typing import Any

from numbers.inventory.lifecycle import Lifecycle
from numbers.orders import webhook_events
from numbers.orders.models import Order
from portal.core.errors import DomainError
from projects.access import require_active

Status = Order.Status
ORDER = Lifecycle(
    "order",
    {
        Status.ORDERED: frozenset({Status.DOCUMENTS_REQUESTED, Status.IN_REVIEW, *Order.UNFULFILLED}),
        Status.DOCUMENTS_REQUESTED: frozenset({Status.IN_REVIEW, *Order.UNFULFILLED}),
        Status.IN_REVIEW: frozenset({Status.DOCUMENTS_REQUESTED, Status.APPROVED, Status.REJECTED, Status.CANCELLED}),
        Status.APPROVED: frozenset({Status.ACTIVE, Status.IN_REVIEW}),  # in review: the approval is withdrawn
        **{end: frozenset() for end in Order.ENDED},
    },
)


def transition(order: Order, to: str, *, now: datetime, **changes: Any) -> None:
    """Moves an order and closes it when that ends it; raises ``order_status_changed``."""
    ORDER.transition(order, to, closed_at=now if to in Order.ENDED else None, **changes)
    webhook_events.emit(order, now=now)


def lock_order(order: Order) -> Order:
    """As it is now, with its row locked until the transaction ends, its number and project. Who decided and who is
    assigned are read later: a join would still show them as before we waited for the lock."""
    return Order.objects.select_related("number", "project").select_for_update(of=("self",)).get(pk=order.pk)


def lock_undecided(order: Order) -> Order:
    """The order with its row locked, its number and project. Raises ``order_closed``, ``project_archived``."""
    order = lock_order(order)
    if order.status not in Order.UNDECIDED:
        words = order.get_status_display().lower()
        raise DomainError("order_closed", f"This order is {words}; nothing can be added to it.", now=order.status)
    require_active(order.project)
    return order
