"""Rows of the table of calls, as the intake leaves them."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from numbers.calls.models import CallRecord
from numbers.calls.partitions import CALLS
from portal.core.partitions import month_of
from tests.support.leases import DID

AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)  # while the leases of tests.support.leases are held
_serial = itertools.count(1)


def make_record(held_by=None, /, **values):
    """One leg of the lease ``held_by``: answered after 5 seconds, then 20 of talk; values replace what is usual."""
    start = values.setdefault("start_time", AT)
    CALLS.add_months([month_of(start)])
    holder = {"lease": held_by, "number": held_by.number, "project": held_by.project} if held_by else {}
    usual = {
        "switch_id": "sw1",
        "cdr_id": f"cdr-{next(_serial)}",
        "end_time": start + timedelta(seconds=25),
        "duration": Decimal(20),
        "direction": CallRecord.Direction.IN,
        "did": held_by.number.e164 if held_by else DID,
        "caller": "+442079460018",
        "sip_code": 200,
        "status": CallRecord.Status.ANSWERED,
        "stored_at": start + timedelta(minutes=1),
    }
    return CallRecord.objects.create(**holder | usual | values)
