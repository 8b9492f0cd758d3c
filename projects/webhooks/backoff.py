"""When a delivery that failed is tried again."""

import random
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

# After the first attempt, the second …: nine attempts over 22 hours and 12 minutes.
DELAYS = [
    timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1),
    timedelta(hours=3), timedelta(hours=6), timedelta(hours=12),
]  # fmt: skip
ATTEMPTS = len(DELAYS) + 1
JITTER = 0.1  # of the delay, to both sides: what failed together does not come back together
LONGEST_WAIT = timedelta(hours=12)  # that a receiver may ask for


def next_try(attempts: int, now: datetime) -> datetime | None:
    """After that many attempts; None: there is no other."""
    if attempts >= ATTEMPTS:
        return None
    return now + DELAYS[max(attempts, 1) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret


def retry_after(value: str, now: datetime) -> datetime | None:
    """Until when the header ``Retry-After`` asks us to wait (RFC 9110, 10.2.3: seconds or a date), at most twelve
    hours; None for what says nothing."""
    text = value.strip()
    try:
        asked = now + timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else parsedate_to_datetime(text)
        waits = asked - now
    except (ValueError, TypeError, OverflowError):  # no date; one without a zone; a number beyond all days
        return now + LONGEST_WAIT if text.isascii() and text.isdigit() else None
    return now + min(waits, LONGEST_WAIT) if waits > timedelta(0) else None
