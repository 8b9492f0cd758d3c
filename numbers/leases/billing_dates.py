"""The days on which a lease's monthly charge falls. All dates are UTC."""

from calendar import monthrange
from datetime import date


def charge_date(started: date, period: int) -> date:
    """The first day of ``period`` of a lease begun on ``started``; period 0 is the month paid at purchase.

    Counted from the beginning each time: 31 January → 28 February → 31 March. A chain from charge to charge would
    stay on the 28th for good. Raises ValueError for a negative period.
    """
    if period < 0:
        raise ValueError("A period is never negative.")
    years, month = divmod(started.month - 1 + period, 12)
    year, month = started.year + years, month + 1
    return date(year, month, min(started.day, monthrange(year, month)[1]))


def ordinal(day: int) -> str:
    """Of a day of the month: ``1st``, ``22nd``, ``31st``."""
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
