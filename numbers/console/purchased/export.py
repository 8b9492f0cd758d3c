"""Purchased Numbers as a table for download."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db.models import QuerySet

from numbers.leases.models import Lease

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
    "Locked",
    "Bought by",
]
CHUNK = 500


def rows(leases: QuerySet[Lease]) -> Iterator[Sequence[object]]:
    """A header, then one row per lease, read while they are sent; days are UTC."""
    yield HEADER
    for lease in leases.iterator(chunk_size=CHUNK):
        yield _row(lease)


def _row(lease: Lease) -> list[object]:
    """The words in it are made harmless by :mod:`portal.core.spreadsheet`, which keeps the ``+`` of numbers."""
    number, route = lease.number, getattr(lease, "call_route", None)
    is_live = lease.ended_at is None
    charged = is_live and lease.release_on is None and lease.status != Lease.Status.SUSPENDED
    ended_on = lease.ended_at.date() if lease.ended_at else ""
    target = route.active_target if route and is_live else ""
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
        target,
        route.get_kind_display() if target and route else "",
        _yes(lease.locked),
        lease.bought_by,
    ]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
