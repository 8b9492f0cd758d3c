"""Dates and durations in the words of pages and messages. Templates use Django's ``date`` with ``j F Y``."""

from datetime import UTC, date, datetime, timedelta

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def long_date(day: date) -> str:
    """``3 November 2026``"""
    return f"{day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    """``3 Nov 2026``"""
    return f"{day.day} {day:%b %Y}"


def short_time(at: datetime) -> str:
    """``3 Nov, 14:05 UTC``"""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b, %H:%M} UTC"


def for_programs(at: datetime) -> str:
    """``2026-11-20T12:00:00.000Z``: ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def at_most(span: timedelta) -> str:
    """Rounded up, so that nothing is said to be faster than it was: ``40 minutes``, ``5 hours``, ``3 days``."""
    minutes = max(-(-span // MINUTE), 1)
    if minutes <= 90:
        return _count(minutes, "minute")
    hours = -(-minutes // 60)
    return _count(hours, "hour") if hours <= 48 else _count(-(-hours // 24), "day")


def age(span: timedelta) -> str:
    """Rounded down: ``2 days`` until it is three."""
    for unit, length in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if span >= length:
            return _count(span // length, unit)
    return "a moment"


def compact(span: timedelta) -> str:
    """The two largest units: ``3 d 4 h``, ``5 h 10 min``, ``12 min``."""
    minutes = max(span // MINUTE, 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")
