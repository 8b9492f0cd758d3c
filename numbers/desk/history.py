"""What happened to an order, who did it and when: the project's trail, the conversation, and who worked on it.

The same row gives one line: what was written stands in the conversation, so its entries in the trail are left out.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from numbers.compliance import history
from numbers.orders.models import Order, OrderMessage
from portal.accounts.models import User
from projects import audit, events
from projects.models import AuditEntry

LINES = 200
IN_CONVERSATION = ("order.question_asked", "order.documents_asked", "order.answered")
MESSAGES = {
    OrderMessage.Kind.QUESTION: ("asked", "help-circle"),
    OrderMessage.Kind.ANSWER: ("answered", "message"),
    OrderMessage.Kind.NOTE: ("noted", "pencil"),
}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    at: datetime
    who: str
    sentence: str
    icon: str
    text: str = ""  # of a message


def history_of(order: Order) -> list[HistoryEntry]:
    """Newest first, at most LINES; three queries."""
    found = [*_trail(order), *_conversation(order), *_assignments(order)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:LINES]


def _trail(order: Order) -> list[HistoryEntry]:
    entries = history.history(order, LINES).select_related("actor_user")
    return [_entry(entry) for entry in entries if entry.action not in IN_CONVERSATION]


def _entry(entry: AuditEntry) -> HistoryEntry:
    facts = {name: str(entry.data.get(name, "")) for name in ("line", "reason")}
    declared = events.find(entry.action)
    return HistoryEntry(
        entry.at,
        _who(entry.actor_user, "The portal" if entry.actor_kind == "system" else entry.actor_label),
        audit.staff_sentence(entry, facts),
        declared.staff_icon if declared else events.NO_ICON,
    )


def _conversation(order: Order) -> list[HistoryEntry]:
    messages = order.messages.select_related("author").order_by("-id")[:LINES]
    return [
        HistoryEntry(each.created_at, _who(each.author, "Someone"), *MESSAGES[OrderMessage.Kind(each.kind)], each.text)
        for each in messages
    ]


def _assignments(order: Order) -> list[HistoryEntry]:
    kind = ContentType.objects.get_for_model(Order)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(order.pk)).select_related("user")[:LINES]
    return [
        HistoryEntry(each.action_time, _who(each.user, "Someone"), _assignment(each), "user-check") for each in entries
    ]


def _assignment(entry: LogEntry) -> str:
    message = entry.get_change_message()
    return message[:1].lower() + message[1:].rstrip(".")


def _who(user: User | None, otherwise: str) -> str:
    return user.get_full_name() if user else otherwise
