"""Start-up checks of how long messages are kept, and how long parts wait."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

FEWEST_MONTHS = 2
WAIT = range(10, 86_401)  # seconds


@register
def message_settings(**kwargs: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if settings.MESSAGE_MONTHS < FEWEST_MONTHS:
        words = f"MESSAGE_MONTHS must be at least {FEWEST_MONTHS}: younger messages are still being delivered."
        problems.append(Error(words, id="numbers.E031"))
    if settings.MESSAGE_BODY_DAYS < 0:
        problems.append(Error("MESSAGE_BODY_DAYS is a number of days, or 0.", id="numbers.E032"))
    elif 0 < settings.MESSAGE_BODY_DAYS < settings.WEBHOOK_LOG_DAYS:
        words = "WEBHOOK_LOG_DAYS must not be more than MESSAGE_BODY_DAYS: the log of deliveries has the texts, too."
        problems.append(Error(words, id="numbers.E034"))
    if settings.MESSAGE_PARTS_WAIT_SECONDS not in WAIT:
        words = f"MESSAGE_PARTS_WAIT_SECONDS must be {WAIT[0]} to {WAIT[-1]}: a day at most."
        problems.append(Error(words, id="numbers.E033"))
    return problems
