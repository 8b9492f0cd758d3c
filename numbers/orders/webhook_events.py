"""Events about orders for customers' servers."""

from datetime import datetime

from numbers.orders.models import Order
from projects.webhooks import project_events
from projects.webhooks.event_types import EventType, declare
from projects.webhooks.project_events import ProjectEvent

UPDATED = "order.updated"
declare(
    EventType(
        UPDATED,
        "An order moves on: documents are requested, it is in review, approved, active, rejected or closed.",
        {
            "order": "6f6b9f0e-6c86-4f1a-9c39-b0c8a1f4d1a2",
            "number": "+33199001234",
            "status": Order.Status.IN_REVIEW.value,
        },
    )
)


def emit(order: Order, *, now: datetime) -> None:
    """Call inside the transaction that moved it."""
    data = {"order": str(order.ref), "number": order.number.e164, "status": order.status}
    project_events.emit([ProjectEvent(order.project_id, UPDATED, data)], now=now)
