"""Events that a project can have sent to a URL of its own. Each room declares its own in its ``webhook_events.py``.

The body is that of Standard Webhooks: ``{"type", "timestamp", "data"}``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EventType:
    """``words``: when it is sent, for customers. ``example``: its ``data``; an event has the same names."""

    name: str  # number.purchased
    words: str
    example: Mapping[str, Any]


class UndeclaredEventType(LookupError):  # noqa: N818  named like what happened
    pass


_DECLARED: dict[str, EventType] = {}


def declare(*types: EventType) -> None:
    """Raises ValueError for a name that is declared already."""
    for each in types:
        if each.name in _DECLARED:
            raise ValueError(f"{each.name} is declared twice.")
        _DECLARED[each.name] = each


def all_types() -> list[EventType]:
    """In the order of their names."""
    return [_DECLARED[name] for name in sorted(_DECLARED)]


def find(name: str) -> EventType | None:
    return _DECLARED.get(name)


def require(name: str, data: Mapping[str, Any]) -> None:
    """Raises UndeclaredEventType, also for data with other names than the catalogue shows."""
    found = _DECLARED.get(name)
    if found is None:
        raise UndeclaredEventType(f"{name} is not declared in the webhook_events.py of any room.")
    if set(found.example) != set(data):
        raise UndeclaredEventType(f"{name} has {sorted(found.example)}, not {sorted(data)}.")
