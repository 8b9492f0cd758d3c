"""The audit trail in words: "Ada Example bought +1 212-555-0101"."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from billing import money
from portal.core.times import long_date
from portal.templatetags.portal import phone, phones
from projects import audit, events
from projects.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    who: str
    words: str
    icon: str


def line(entry: AuditEntry) -> Line:
    who = "The portal" if entry.actor_kind == "system" else entry.actor_label
    event = events.find(entry.action)
    return Line(entry.at, who, audit.sentence(entry, _facts(entry)), event.icon if event else events.NO_ICON)


def _facts(entry: AuditEntry) -> dict[str, str]:
    """What a customer's label may name: ``number`` is the subject as a phone number, ``ordered`` the number of the
    order that the entry is about, the rest are its facts."""
    return {
        "number": phone(entry.subject),
        "line": entry.data.get("line", ""),
        "target": phone(str(entry.data.get("target", ""))),
        "amount": _amount(entry.data.get("amount")),
        "ordered": phone(str(entry.data.get("number", ""))),
        "on": _day(entry.data.get("on")),
        "place": str(entry.data.get("place", "")),
        "changes": phones(str(entry.data.get("changes", ""))),
        "app_users": _counted(entry, "app user"),
        "numbers": _counted(entry, "number"),
        "app": str(entry.data.get("app", "")),
    }


def _counted(entry: AuditEntry, what: str) -> str:
    count = entry.data.get("count", 0)
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _day(value: object) -> str:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return "its day"
    return long_date(day)


def _amount(value: object) -> str:
    try:
        return money.display(abs(Decimal(str(value))))
    except InvalidOperation:
        return "credits"
