"""``{% status order %}``: the badge of a status, the same colour and words wherever it stands."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from numbers.leases.models import Lease
from numbers.orders.models import Order

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
DESK: dict[str, str] = {
    Order.Status.IN_REVIEW: "calm",
    Order.Status.APPROVED: "good",
    Order.Status.ACTIVE: "good",
    Order.Status.REJECTED: "late",
}
DOCUMENT = {"accepted": GOOD, "review": CALM, "checking": CALM, "rejected": BAD, "refused": BAD}


@register.simple_tag
def status(record: Order | Lease) -> SafeString:
    """Of an order or a lease."""
    if isinstance(record, Order):
        return badge(ORDER.get(record.status, WAITING), record.get_status_display())
    ending = record.release_on is not None
    colour = LEASE.get(record.status, WAITING if ending else GOOD)
    return badge(colour, "Ending" if ending else record.get_status_display())


@register.simple_tag
def document_status(state: str, label: str) -> SafeString:
    """Of a document in the project's list."""
    return badge(DOCUMENT.get(state, QUIET), label)


@register.simple_tag
def desk_status(order: Order) -> SafeString:
    """On the provisioning desk, which has the admin site's dress."""
    colour = DESK.get(order.status, "plain")
    return format_html('<span class="desk-tag desk-tag-{}">{}</span>', colour, order.get_status_display())


def badge(colour: str, label: str) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', colour, label)
