"""The status of a call follows from the switch's final response and from how long it was connected."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from numbers.calls.ending import call_status
from numbers.calls.models import CallStatus, ParkReason
from numbers.calls.plausibility import park_reason


@pytest.mark.parametrize(
    ("code", "duration", "status"),
    [
        (200, "12.5", CallStatus.ANSWERED),
        (200, "0", CallStatus.ANSWERED),
        (202, "0", CallStatus.ANSWERED),
        (None, "0.001", CallStatus.ANSWERED),
        (487, "3", CallStatus.ANSWERED),
        (None, "0", CallStatus.NO_ANSWER),
        (408, "0", CallStatus.NO_ANSWER),
        (480, "0", CallStatus.NO_ANSWER),
        (486, "0", CallStatus.BUSY),
        (600, "0", CallStatus.BUSY),
        (487, "0", CallStatus.CANCELLED),
        *((code, "0", CallStatus.REFUSED) for code in (402, 403, 433, 603, 607, 608)),
        *((code, "0", CallStatus.FAILED) for code in (100, 180, 300, 400, 404, 410, 488, 500, 503, 604, 699)),
    ],
)
def test_status(code, duration, status):
    assert call_status(code, Decimal(duration)) == status


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "lasted", "duration", "reason"),
    [  # seconds before now, seconds from start to end
        (600, 60, "50", None),
        (600, 0, "0", None),
        (600, 60, "61", None),
        (600, 60, "61.000001", ParkReason.DURATION),
        (600, 60, "-0.000001", ParkReason.DURATION),
        (600, -0.000001, "0", ParkReason.END_BEFORE_START),
        (86_400, 43_200, "43200", None),
        (86_400, 43_200.000001, "0", ParkReason.TOO_LONG),
        (86_400, 60, "43200.5", ParkReason.TOO_LONG),
        (0, 60, "0", None),
        (0, 60.000001, "0", ParkReason.IN_FUTURE),
        (-61, 0, "0", ParkReason.IN_FUTURE),
        (35 * 86_400, 60, "0", None),
        (35 * 86_400 + 0.000001, 60, "0", ParkReason.TOO_OLD),
    ],
)
def test_what_cannot_be_true(start, lasted, duration, reason):
    begin = NOW - timedelta(seconds=start)
    assert park_reason(begin, begin + timedelta(seconds=lasted), Decimal(duration), NOW) == reason
