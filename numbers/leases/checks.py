"""Start-up checks of the settings of quarantine and undo."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from numbers.leases import quarantine


@register
def quarantine_days(**kwargs: Any) -> list[CheckMessage]:
    try:
        days = {"": settings.QUARANTINE_DAYS} | quarantine.by_country()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="numbers.E010")]
    if not 0 <= settings.QUARANTINE_DAYS <= quarantine.LONGEST:
        return [Error(f"QUARANTINE_DAYS must be 0 to {quarantine.LONGEST}.", id="numbers.E010")]
    if settings.RELEASE_UNDO_DAYS < 0:
        return [
            Error("RELEASE_UNDO_DAYS must not be negative; 0 means that no release can be undone.", id="numbers.E011")
        ]
    return [
        Error(
            f"RELEASE_UNDO_DAYS promises {settings.RELEASE_UNDO_DAYS} days, but a number"
            f"{f' of {country}' if country else ''} is sold again after {count}.",
            id="numbers.E011",
        )
        for country, count in days.items()
        if count < settings.RELEASE_UNDO_DAYS
    ]
