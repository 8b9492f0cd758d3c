"""The quarantine of a released number: how long it is not sold, and its return to sale."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from numbers.inventory.lifecycle import NUMBER
from numbers.inventory.models import Number
from portal.accounts import countries

BATCH = 500
LONGEST = 3650  # days


def by_country() -> dict[str, int]:
    """Days per country, from ``QUARANTINE_DAYS_BY_COUNTRY`` (``FR:90``). Raises ImproperlyConfigured."""
    found: dict[str, int] = {}
    for entry in settings.QUARANTINE_DAYS_BY_COUNTRY:
        country, _, days = entry.partition(":")
        if country not in countries.NAMES or not (days.isascii() and days.isdecimal()) or int(days) > LONGEST:
            raise ImproperlyConfigured(
                f"QUARANTINE_DAYS_BY_COUNTRY: {entry!r} is not a country code, a colon and 0 to {LONGEST} days."
            )
        if country in found:
            raise ImproperlyConfigured(f"QUARANTINE_DAYS_BY_COUNTRY names {country} twice.")
        found[country] = int(days)
    return found


def ends_at(country: str, released_at: datetime) -> datetime:
    """When a number of this country that was released at ``released_at`` may be sold again."""
    days = by_country().get(country, settings.QUARANTINE_DAYS)
    return released_at + timedelta(days=days)


def end(*, now: datetime) -> int:
    """Puts the numbers whose quarantine is over back on sale; returns how many.

    In batches, and past rows that something else has locked (an undo, an import): the next run finds them. What the
    supplier withdrew meanwhile is no longer in quarantine and stays off sale.
    """
    total = 0
    while True:
        with transaction.atomic():
            due = list(
                Number.objects.select_for_update(skip_locked=True, no_key=True)
                .filter(status=Number.Status.QUARANTINED, available_from__lte=now)
                .order_by("available_from")
                .values_list("pk", flat=True)[:BATCH]
            )
            total += NUMBER.transition_all(
                Number.objects.filter(pk__in=due),
                Number.Status.AVAILABLE,
                since=Number.Status.QUARANTINED,
                available_from=None,
                updated_at=now,
            )
        if len(due) < BATCH:
            return total
