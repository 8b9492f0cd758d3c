"""Which records cannot be true: they are parked (CARRIER.md, *Call records*)."""

from datetime import datetime, timedelta
from decimal import Decimal

from numbers.calls.models import ParkReason

LONGEST, OLDEST = timedelta(hours=12), timedelta(days=35)
CLOCK_SKEW = timedelta(minutes=1)  # of a switch
ROUNDING = Decimal(1)  # second: switches round time and duration, each its own way


def park_reason(start: datetime, end: datetime, duration: Decimal, now: datetime) -> ParkReason | None:
    """Why a call from ``start`` to ``end``, connected for ``duration`` seconds, is not believed; None: it is."""
    if end < start:
        return ParkReason.END_BEFORE_START
    if max(start, end) > now + CLOCK_SKEW:
        return ParkReason.IN_FUTURE
    if start < now - OLDEST:
        return ParkReason.TOO_OLD
    lasted = end - start
    if lasted > LONGEST or duration > LONGEST.total_seconds():
        return ParkReason.TOO_LONG
    if duration < 0 or duration > Decimal(lasted / timedelta(microseconds=1)) / 1_000_000 + ROUNDING:
        return ParkReason.DURATION
    return None
