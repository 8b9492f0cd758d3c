"""Keys and answers are kept as long as a copy could come that is not parked for its age, and no longer."""

from datetime import timedelta

import pytest
import time_machine

from numbers.calls.tasks import keep_call_records
from numbers.carrier import credentials
from numbers.models import CallRecord, CallRecordBatch, CallRecordKey, ParkedCallRecord
from tests.calls.table import months
from tests.carrier.cdrs import batch, post, record
from tests.support.leases import NOW

pytestmark = pytest.mark.django_db


def test_keys_go_when_a_copy_would_be_parked():
    secret = credentials.create(switch_id="sw1", scopes=["cdrs"])[1]
    body, again = batch(record(cdr_id="a"), batch_id="b1"), batch(record(cdr_id="a"), batch_id="b2")
    with time_machine.travel(NOW + timedelta(hours=2), tick=False) as clock:
        post(body, secret)
        clock.shift(timedelta(days=35, hours=23))
        keep_call_records()
        assert (CallRecordKey.objects.count(), CallRecordBatch.objects.count()) == (1, 1)
        assert post(body, secret).json()["replayed"]
        clock.shift(timedelta(hours=2))
        keep_call_records()
        assert not CallRecordKey.objects.exists()
        assert not CallRecordBatch.objects.exists()
        assert post(again, secret).json()["accepted"] == 1
    assert ParkedCallRecord.objects.get().reason == ParkedCallRecord.Reason.TOO_OLD
    assert CallRecord.objects.count() == 1
    assert {"2026_12", "2027_03"} <= set(months())
