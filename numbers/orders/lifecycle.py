"""Which status of an order may follow which."""

from datetime import datetime
from typing import Any

from numbers.lifecycle import Lifecycle
from numbers.orders.models import Order

ENDS = frozenset({"approved", "rejected", "cancelled", "expired"})
ORDER = Lifecycle(
    "order",
    {
        "ordered": ENDS | {"documents_requested", "in_review"},
        "documents_requested": ENDS - {"approved"} | {"in_review"},
        "in_review": ENDS | {"documents_requested"},
        "approved": frozenset(),
        "rejected": frozenset(),
        "cancelled": frozenset(),
        "expired": frozenset(),
    },
)


def transition(order: Order, to: str, *, now: datetime, **changes: Any) -> None:
    """Moves an order and closes it when that ends it; raises ``order_status_changed``."""
    ORDER.transition(order, to, closed_at=now if to in ENDS else None, **changes)
