"""Start-up check of the settings of dunning."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

LARGEST_BATCH = 20_000


@register
def unpaid_days(**kwargs: Any) -> list[CheckMessage]:
    mails, rest, release = settings.UNPAID_MAIL_DAYS, settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS
    problems: list[CheckMessage] = []
    if not 0 < rest < release:
        problems.append(
            Error("SUSPEND_AFTER_DAYS must be at least 1 and less than RELEASE_AFTER_DAYS.", id="numbers.E020")
        )
    if any(not 0 <= day < rest for day in mails):
        problems.append(
            Error("UNPAID_MAIL_DAYS must be days before SUSPEND_AFTER_DAYS, 0 being the first.", id="numbers.E021")
        )
    if not 0 < settings.RENEWAL_BATCH <= LARGEST_BATCH:
        problems.append(Error(f"RENEWAL_BATCH must be 1 to {LARGEST_BATCH}.", id="numbers.E022"))
    return problems
