"""Which status of an order may follow which, and until when something may be added to it."""

from datetime import datetime
from typing import Any

from numbers.inventory.lifecycle import Lifecycle
from numbers.orders.models import Order
from portal.core.errors import DomainError
from projects.access import require_active

ENDS = frozenset({"active", "rejected", "cancelled", "expired"})
UNDECIDED = frozenset({"ordered", "documents_requested", "in_review"})
ORDER = Lifecycle(
    "order",
    {
        "ordered": frozenset({"documents_requested", "in_review", "rejected", "cancelled", "expired"}),
        "documents_requested": frozenset({"in_review", "rejected", "cancelled", "expired"}),
        "in_review": frozenset({"documents_requested", "approved", "rejected", "cancelled"}),
        "approved": frozenset({"active", "in_review"}),  # in_review: staff take the approval back, it cannot be done
        "active": frozenset(),
        "rejected": frozenset(),
        "cancelled": frozenset(),
        "expired": frozenset(),
    },
)


def transition(order: Order, to: str, *, now: datetime, **changes: Any) -> None:
    """Moves an order and closes it when that ends it; raises ``order_status_changed``."""
    ORDER.transition(order, to, closed_at=now if to in ENDS else None, **changes)


def lock_undecided(order: Order) -> Order:
    """The order with its row locked, its number and project. Raises ``order_closed``, ``project_archived``."""
    order = Order.objects.select_related("number", "project").select_for_update(of=("self",)).get(pk=order.pk)
    if order.status not in UNDECIDED:
        words = order.get_status_display().lower()
        raise DomainError("order_closed", f"This order is {words}; nothing can be added to it.", now=order.status)
    require_active(order.project)
    return order
