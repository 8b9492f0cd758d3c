"""Events about numbers for customers' servers."""

from collections.abc import Iterable
from datetime import datetime

from projects.webhooks import project_events
from projects.webhooks.event_types import EventType, declare
from projects.webhooks.project_events import ProjectEvent

PURCHASED, RELEASED = "number.purchased", "number.released"
SUSPENDED, RESTORED = "number.suspended", "number.restored"
_EXAMPLE = {"number": "+12125550101"}

declare(
    EventType(PURCHASED, "A number is purchased, or an ordered number is active.", _EXAMPLE),
    EventType(RELEASED, "A number is released, by you or because it was not paid.", _EXAMPLE),
    EventType(
        SUSPENDED,
        "A number is suspended because it was not paid: no calls, and its messages wait until it is active again.",
        _EXAMPLE,
    ),
    EventType(RESTORED, "A suspended number is active again, because its month was paid.", _EXAMPLE),
)


def emit(type_: str, numbers: Iterable[tuple[int, str]], *, now: datetime) -> None:
    """Call inside the transaction of the change. ``numbers``: project id and E.164 of each."""
    project_events.emit([ProjectEvent(project, type_, {"number": e164}) for project, e164 in numbers], now=now)
