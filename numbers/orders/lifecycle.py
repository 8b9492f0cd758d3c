"""Which status of an order may follow which."""

from datetime import datetime
from typing import Any

from numbers.lifecycle import Lifecycle
from numbers.orders.models import Order

ENDS = frozenset({"active", "rejected", "cancelled", "expired"})
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
