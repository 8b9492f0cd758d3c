"""``{% status order %}``: the badge of a status, the same colour and words wherever it stands.

``{% state "missing" %}2 of 3 missing{% endstate %}``: of what is no record's status, but follows from some, with words
of its own. One name has one look.
"""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from numbers.calls.models import CallRecord
from numbers.leases.models import Lease
from numbers.messaging.models import Message
from numbers.orders.models import Order
from numbers.routing_files.models import RoutingImport
from projects.models import Project

register = template.Library()
GOOD, CALM, WAITING, BAD, QUIET = "bg-green-lt", "bg-blue-lt", "bg-yellow-lt", "bg-red-lt", "bg-secondary-lt"

ORDER: dict[str, str] = {  # others wait for the customer
    Order.Status.IN_REVIEW: CALM,
    Order.Status.APPROVED: GOOD,
    Order.Status.ACTIVE: GOOD,
    Order.Status.REJECTED: BAD,
    Order.Status.EXPIRED: BAD,
    Order.Status.CANCELLED: QUIET,
}
LEASE: dict[str, str] = {
    Lease.Status.PAST_DUE: WAITING,
    Lease.Status.SUSPENDED: BAD,
    Lease.Status.RELEASED: QUIET,
}
CALL: dict[str, str] = {
    CallRecord.Status.ANSWERED: GOOD,
    CallRecord.Status.CANCELLED: QUIET,
    CallRecord.Status.NO_ANSWER: WAITING,
    CallRecord.Status.BUSY: WAITING,
    CallRecord.Status.REFUSED: BAD,
    CallRecord.Status.FAILED: BAD,
}
MESSAGE: dict[str, str] = {
    Message.Status.DELIVERED: GOOD,
    Message.Status.WAITING: CALM,
    Message.Status.FAILED: BAD,
    Message.Status.NO_URL: WAITING,
    Message.Status.HELD: WAITING,
    Message.Status.CANCELLED: QUIET,
}
ROUTING_IMPORT: dict[str, str] = {
    RoutingImport.Status.CHECKING: CALM,
    RoutingImport.Status.CHECKED: WAITING,
    RoutingImport.Status.APPLYING: CALM,
    RoutingImport.Status.APPLIED: GOOD,
    RoutingImport.Status.STOPPED: BAD,
}
DESK: dict[str, str] = {
    Order.Status.IN_REVIEW: "calm",
    Order.Status.APPROVED: "good",
    Order.Status.ACTIVE: "good",
    Order.Status.REJECTED: "late",
}
PROJECT: dict[str, str] = {
    Project.Status.ACTIVE: GOOD,
    Project.Status.ARCHIVED: QUIET,
    Project.Status.SUSPENDED: BAD,
}
STATES = {
    # requirements and documents
    "accepted": GOOD,
    "review": CALM,
    "checking": CALM,
    "missing": WAITING,
    "expiring": WAITING,
    "unanswered": WAITING,
    "rejected": BAD,
    "expired": BAD,
    "unused": QUIET,
    "replaced": QUIET,
    "destroyed": QUIET,
    # purchased numbers
    "new": GOOD,
    "forwarded": GOOD,
    "in_use": GOOD,
    "not_set": WAITING,
    "past_due": WAITING,
    "left_out": WAITING,
    "released": QUIET,
    # app users
    "active": GOOD,
    "deactivated": QUIET,
    "added": GOOD,
    "existing": QUIET,
    "error": BAD,
    # push credentials
    "valid": GOOD,
    "not_uploaded": QUIET,
    # webhooks
    "working": GOOD,
    "failing": WAITING,
    "off": BAD,
    "delivered": GOOD,
    "queued": CALM,
    "sending": CALM,
    "failed": BAD,
    "cancelled": QUIET,
    "held": WAITING,
    # accounts
    "current": GOOD,
    "unconfirmed": WAITING,
    "running_out": BAD,
}
DESK_STATES = {  # as whoever has to act next sees them
    "accepted": "good",
    "good": "good",
    "new": "calm",
    "unanswered": "calm",
    "check": "soon",
    "soon": "soon",
    "missing": "plain",
    "rejected": "late",
    "failed": "late",
    "late": "late",
    Project.Status.ARCHIVED: "late",
    Project.Status.SUSPENDED: "late",
}


@register.simple_tag
def status(record: Order | Lease | Project | CallRecord | Message | RoutingImport) -> SafeString:
    """Of an order, a lease, a project, a call, a message, or a file of routing."""
    if isinstance(record, RoutingImport):
        return badge(ROUTING_IMPORT[record.status], record.get_status_display())
    if isinstance(record, CallRecord):
        return badge(CALL[record.status], record.get_status_display())
    if isinstance(record, Message):
        return badge(MESSAGE[record.status], record.get_status_display())
    if isinstance(record, Order):
        return badge(ORDER.get(record.status, WAITING), record.get_status_display())
    if isinstance(record, Project):
        return badge(PROJECT[record.status], record.get_status_display())
    ending = record.release_on is not None
    colour = LEASE.get(record.status, WAITING if ending else GOOD)
    return badge(colour, "Ending" if ending else record.get_status_display())


@register.simple_block_tag
def state(content: str, name: str) -> SafeString:
    return badge(STATES.get(name, QUIET), content)


@register.simple_tag
def desk_status(order: Order) -> SafeString:
    """On the provisioning desk, which has the admin site's dress."""
    return desk_tag(DESK.get(order.status, "plain"), order.get_status_display())


@register.simple_block_tag
def desk_state(content: str, name: str) -> SafeString:
    return desk_tag(DESK_STATES.get(name, "plain"), content)


def badge(colour: str, label: str) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', colour, label)


def desk_tag(colour: str, label: str) -> SafeString:
    return format_html('<span class="desk-tag desk-tag-{}">{}</span>', colour, label)
