"""Start-up check of how long calls are kept."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

FEWEST = 3


@register
def call_months(**kwargs: Any) -> list[CheckMessage]:
    if settings.CALL_RECORD_MONTHS < FEWEST:
        words = f"CALL_RECORD_MONTHS must be at least {FEWEST}: younger calls are still reported."
        return [Error(words, id="numbers.E030")]
    return []
