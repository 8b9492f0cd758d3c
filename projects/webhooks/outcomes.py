"""What became of deliveries, for the rooms that caused them.

A room registers for its kind of delivery; it is called in the transaction that records the outcome.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from projects.webhooks.models import DeliveryKind


@dataclass(frozen=True, slots=True)
class Outcome:
    """``state``: a DeliveryState; QUEUED: it will be tried again."""

    subject_at: datetime | None
    subject_id: int | None
    state: str


Listener = Callable[[Sequence[Outcome]], None]
_listeners: dict[str, Listener] = {}


def listens(kind: DeliveryKind) -> Callable[[Listener], Listener]:
    """Raises ValueError when somebody listens to that kind already."""

    def register(listener: Listener) -> Listener:
        if _listeners.setdefault(kind, listener) is not listener:
            raise ValueError(f"There is a listener for {kind!r} already.")
        return listener

    return register


def announce(kind: str, outcomes: Sequence[Outcome]) -> None:
    if outcomes and (listener := _listeners.get(kind)):
        listener(outcomes)
