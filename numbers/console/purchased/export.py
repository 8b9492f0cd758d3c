"""Purchased Numbers as a table for download."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.conf import settings
from django.db.models import QuerySet

from numbers.leases.models import Lease
from numbers.messaging.queries import set_url
from numbers.routing.summary import add_summaries

HEADER = [
    "Number",
    "Friendly name",
    "Tags",
    "Country",
    "Region",
    "City",
    "Type",
    "Voice",
    "SMS",
    "Status",
    "Setup price",
    "Monthly price",
    "Currency",
    "Since",
    "Paid through",
    "Next charge",
    "Ends on",
    "Released on",
    "Calls go to",
    "Kind",
    "Messages go to",
    "Method",
    "Locked",
    "Bought by",
]
CHUNK = 500


def rows(project_id: int, leases: QuerySet[Lease]) -> Iterator[Sequence[object]]:
    """A header, then one row per lease, read while they are sent; days are UTC."""
    yield HEADER
    for chunk in _batches(leases.iterator(chunk_size=CHUNK)):
        add_summaries(project_id, chunk)
        yield from map(_row, chunk)


def _batches(leases: Iterable[Lease]) -> Iterator[list[Lease]]:
    left = iter(leases)
    while batch := list(islice(left, CHUNK)):
        yield batch


def _row(lease: Lease) -> list[object]:
    """The words in it are made harmless by :mod:`portal.core.spreadsheet`, which keeps the ``+`` of numbers."""
    number, is_live = lease.number, lease.ended_at is None
    charged = is_live and lease.release_on is None and lease.status != Lease.Status.SUSPENDED
    messages = set_url(lease) if is_live and number.sms else None
    ended_on = lease.ended_at.date() if lease.ended_at else ""
    return [
        number.e164,
        lease.friendly_name,
        ", ".join(lease.tags),
        number.country,
        number.region,
        number.city,
        number.get_type_display(),
        _yes(number.voice),
        _yes(number.sms),
        lease.get_status_display(),
        lease.setup_price,
        lease.monthly_price,
        settings.CURRENCY,
        lease.started_at.date(),
        lease.paid_through,
        lease.next_charge_on if charged else "",
        lease.release_on or "",
        ended_on,
        lease.call_summary.target if is_live else "",
        lease.call_summary.label if is_live else "",
        messages.url if messages else "",
        messages.method if messages else "",
        _yes(lease.locked),
        lease.bought_by,
    ]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
