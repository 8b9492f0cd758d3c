"""The audit trail in words: "Ada Example bought +1 212-555-0101"."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from billing import money
from portal.templatetags.portal import phone
from projects import audit
from projects.models import AuditEntry

# What each room writes into the trail: {number} is the entry's subject as a phone number, {subject} as it is, {ordered}
# the number of the order that it is about, the rest are its facts.
WORDS = {
    "number.purchased": "bought {number}",
    "number.ordered": "ordered {number}",
    "number.renamed": "renamed {number}",
    "order.approved": "approved the order of {number}",
    "order.approval_taken_back": "withdrew the approval of the order of {number}",
    "order.handover_tried_again": "retried the activation of {number}",
    "order.activated": "activated {number}",
    "number.tagged": "changed the tags of {number}",
    "number.released": "released {number}",
    "number.released_unpaid": "released {number}: its renewal was not paid",
    "number.release_scheduled": "scheduled the release of {number} for {on}",
    "number.release_withdrawn": "withdrew the release of {number} scheduled for {on}",
    "number.release_undone": "undid the release of {number}",
    "number.locked": "locked {number} against release",
    "number.unlocked": "unlocked {number}",
    "number.past_due": "could not renew {number}: not enough credit",
    "number.suspended": "suspended {number}: its renewal is not paid",
    "number.restored": "renewed {number}: it is active again",
    "renewal.moved": "moved {number} to place {place} of the renewal order",
    "order.rejected": "rejected the order of {number}",
    "order.question_asked": "asked a question about the order of {number}",
    "order.documents_asked": "requested more documents for the order of {number}",
    "document.viewed": "viewed “{subject}” for the order of {ordered}",
    "document.accepted": "accepted “{subject}” for the order of {ordered}",
    "document.accepted_unopened": "accepted “{subject}” for the order of {ordered} without opening it",
    "document.rejected": "rejected “{subject}” for the order of {ordered}",
    "order.cancelled": "cancelled the order of {number}",
    "document.uploaded": "uploaded the document “{subject}”",
    "document.checked": "checked the document “{subject}”: no problems found",
    "document.refused": "refused the document “{subject}” and erased the file",
    "document.check_failed": "could not check the document “{subject}” and erased the file",
    "document.replaced": "replaced a document with “{subject}”",
    "document.offered": "submitted the document “{subject}” for another order",
    "document.downloaded": "downloaded the document “{subject}”",
    "document.withdrawn": "withdrew the document “{subject}”; its file was deleted",
    "document.purged": "deleted the file of “{subject}”, which is no longer needed",
    "order.expired": "expired the order of {number}: its documents were not submitted in time",
    "order.answered": "wrote to our team about the order of {number}",
    "document.handed_in": "submitted the document “{subject}” for “{line}” of the order of {ordered}",
    "route.set": "forwarded calls to {number} to {target}",
    "route.cleared": "removed the call forwarding of {number}",
    "credits.payment_started": "started a payment of {amount}",
    "credits.top_up": "added {amount} of credits",
    "credits.reversal": "reversed {amount} after a refund or dispute",
    "credits.reinstate": "reinstated {amount} of credits",
}
ICONS = {
    "project": "folder",
    "token": "key",
    "number": "phone",
    "order": "file-text",
    "document": "file-text",
    "route": "route",
    "credits": "wallet",
    "renewal": "sort-descending",
}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    who: str
    words: str
    icon: str


def line(entry: AuditEntry) -> Line:
    who = "The portal" if entry.actor_kind == "system" else entry.actor_label
    return Line(entry.at, who, _words(entry), ICONS.get(entry.action.partition(".")[0], "activity"))


def _words(entry: AuditEntry) -> str:
    words = WORDS.get(entry.action)
    if words is None:
        return audit.sentence(entry)
    facts = defaultdict(
        str,
        subject=entry.subject,
        number=phone(entry.subject),
        line=entry.data.get("line", ""),
        target=phone(str(entry.data.get("target", ""))),
        amount=_amount(entry.data.get("amount")),
        ordered=phone(str(entry.data.get("number", ""))),
        on=_day(entry.data.get("on")),
        place=str(entry.data.get("place", "")),
    )
    return words.format_map(facts)


def _day(value: object) -> str:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return "its day"
    return f"{day.day} {day:%B %Y}"


def _amount(value: object) -> str:
    try:
        return money.display(abs(Decimal(str(value))))
    except InvalidOperation:
        return "credits"
