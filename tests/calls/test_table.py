"""What the database itself holds of calls."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from numbers.calls.models import CallRecord, CallRecordKey, ParkedCallRecord
from tests.calls.records import AT, make_record
from tests.support.leases import make_lease

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("call_record_status", {"status": "gone"}),
        ("call_record_direction", {"direction": "up"}),
        ("call_record_end", {"end_time": AT - timedelta(microseconds=1)}),
        ("call_record_duration", {"duration": -1}),
    ],
)
def test_rules_of_a_record(constraint, values):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_record(**values)


@pytest.mark.parametrize("missing", ["lease", "number", "project"])
def test_a_record_has_its_holder_whole_or_not_at_all(missing):
    lease = make_lease()
    assert make_record(lease).project == lease.project
    assert make_record().lease is None
    with pytest.raises(IntegrityError, match="call_record_holder"), transaction.atomic():
        make_record(lease, **{missing: None})


def test_a_row_that_no_month_has_is_refused_and_one_beside_it_keeps_its_id():
    first, second = make_record(), make_record(start_time=AT - timedelta(days=30))
    assert first.id < second.id
    with pytest.raises(IntegrityError, match="no partition"), transaction.atomic():
        CallRecord.objects.filter(pk=first.pk).update(start_time=AT.replace(year=2033))


def test_a_key_is_there_once():
    CallRecordKey.objects.create(switch_id="sw1", cdr_id="1", purge_after=AT)
    CallRecordKey.objects.create(switch_id="sw2", cdr_id="1", purge_after=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        CallRecordKey.objects.bulk_create([CallRecordKey(switch_id="sw1", cdr_id="1", purge_after=AT)])


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("parked_call_record_reason", {"reason": "odd"}),
        ("parked_call_record_resolved", {"resolved_at": timezone.now()}),
        ("parked_call_record_resolved", {"note": "done"}),
        ("parked_call_record_resolved", {"resolved_at": timezone.now(), "resolved_by": "x@y.example"}),
    ],
)
def test_rules_of_a_parked_record(constraint, values):
    usual = {"switch_id": "sw1", "cdr_id": "1", "reason": ParkedCallRecord.Reason.TOO_OLD, "start_time": AT}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ParkedCallRecord.objects.create(**usual | {"record": {}} | values)
