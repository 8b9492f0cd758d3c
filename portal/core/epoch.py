"""Times as they stand in addresses: microseconds since 1970."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // _MICROSECOND


def moment(value: int) -> datetime | None:
    """None beyond the calendar."""
    try:
        return EPOCH + timedelta(microseconds=value)
    except OverflowError:
        return None
