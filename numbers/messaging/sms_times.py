"""When a gateway says that a message was sent."""

import re
from datetime import UTC, datetime, timedelta

from portal.core.epoch import EPOCH

_SECONDS = re.compile(r"[0-9]{1,14}(?:\.[0-9]{0,9})?", re.ASCII)
_MILLISECONDS_FROM = 100_000_000_000  # as seconds that were the year 5138
_EARLIEST, _AHEAD = datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=1)


def sent_at(text: str, now: datetime) -> datetime | None:
    """ISO 8601, in UTC unless it says otherwise, or seconds or milliseconds since 1970. None for nonsense and for what
    cannot be."""
    try:
        found = _since_1970(float(text)) if _SECONDS.fullmatch(text.strip()) else datetime.fromisoformat(text.strip())
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _EARLIEST <= moment <= now + _AHEAD else None


def _since_1970(number: float) -> datetime:
    return EPOCH + timedelta(seconds=number / 1000 if number >= _MILLISECONDS_FROM else number)
