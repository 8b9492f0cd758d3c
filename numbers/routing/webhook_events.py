"""Events about the spending cap for customers' servers."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings

from projects.webhooks import project_events
from projects.webhooks.event_types import EventType, declare
from projects.webhooks.project_events import ProjectEvent

REACHED, CLEARED = "spend_cap.reached", "spend_cap.cleared"
_EXAMPLE = {"spent": "100.00", "cap": "100.00", "currency": "USD"}
declare(
    EventType(REACHED, "The spending cap for calls to phones is reached: they are not connected.", _EXAMPLE),
    EventType(CLEARED, "Calls to phones are connected again.", _EXAMPLE | {"spent": "72.40"}),
)


def emit(type_: str, project_id: int, spent: Decimal, cap: Decimal, *, now: datetime) -> None:
    """Call inside the transaction that noticed it."""
    data = {"spent": str(spent), "cap": str(cap), "currency": settings.CURRENCY}
    project_events.emit([ProjectEvent(project_id, type_, data)], now=now)
