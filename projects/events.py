"""The kinds of entries in the audit trail (:mod:`projects.audit`). Each room declares its own in its ``events.py``.

A label is the end of "<who> …". It may name ``{subject}``, the thing that it was done to, and the facts that the page
puts in: see ``portal.shell.activity`` for the customer's, ``numbers.desk.history`` for the staff's.
"""

from dataclasses import dataclass

NO_ICON = "activity"


@dataclass(frozen=True, slots=True)
class Event:
    action: str  # as it is stored
    icon: str
    customer: str
    # Beside an order that the page is about. Without a label the action is spelled out.
    staff: str = ""
    staff_icon: str = NO_ICON


class UndeclaredEvent(LookupError):  # noqa: N818  named like what happened
    pass


_DECLARED: dict[str, Event] = {}


def declare(*events: Event) -> None:
    """Raises ValueError for an action that is declared already."""
    for event in events:
        if event.action in _DECLARED:
            raise ValueError(f"{event.action} is declared twice.")
        _DECLARED[event.action] = event


def find(action: str) -> Event | None:
    return _DECLARED.get(action)


def require(action: str) -> None:
    """Raises UndeclaredEvent."""
    if action not in _DECLARED:
        raise UndeclaredEvent(f"{action} is not declared in the events.py of any room.")


def actions() -> frozenset[str]:
    return frozenset(_DECLARED)


declare(
    Event("project.created", "folder", "created the project"),
    Event("project.renamed", "folder", "renamed the project to “{subject}”"),
    Event("project.archived", "folder", "archived the project"),
    Event("project.restored", "folder", "restored the project"),
    Event("project.suspended", "folder", "suspended the project"),
    Event("project.suspension_lifted", "folder", "lifted the suspension of the project"),
    Event("token.revealed", "key", "revealed the auth token {subject}"),
    Event("token.created", "key", "added the secondary auth token {subject}"),
    Event("token.promoted", "key", "made {subject} the primary auth token"),
    Event("token.revoked", "key", "revoked the auth token {subject}"),
)
