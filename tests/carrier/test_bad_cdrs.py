"""What no switch should send: a bad record is rejected by itself, one that cannot be true is parked, a bad batch is
refused for good, and nothing is ever a 5xx."""

import json
from datetime import timedelta

import pytest
import time_machine

from numbers.carrier import credentials
from numbers.models import CallRecord, CallRecordKey, ParkedCallRecord
from tests.carrier.cdrs import EPOCH, batch, post, record
from tests.support.leases import DID, NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
DAY = 86_400


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def secret():
    return credentials.create(switch_id="sw1", scopes=["cdrs"])[1]


def raw(text):
    """A value as it stands in JSON, whatever Python thinks of it."""
    return f"<<{text}>>"


def sent(record, secret):
    response = post(json.dumps(batch(record)).replace('"<<', "").replace('>>"', ""), secret)
    assert response.status_code == 200, response.content
    return response.json()


# -- records ------------------------------------------------------------------------------------------------------

REJECTED = [
    ({"cdr_id": None}, "missing_cdr_id"),
    ({"cdr_id": ""}, "missing_cdr_id"),
    ({"cdr_id": "x" * 129}, "bad_cdr_id"),
    ({"cdr_id": "a\0b"}, "bad_cdr_id"),
    ({"cdr_id": "\ud800"}, "bad_cdr_id"),
    ({"cdr_id": ["a"]}, "bad_cdr_id"),
    ({"cdr_id": raw("true")}, "bad_cdr_id"),
    ({"start_time": None}, "missing_start_time"),
    ({"start_time": "yesterday"}, "bad_start_time"),
    ({"start_time": "2026-11-20T12:00:00Z"}, "bad_start_time"),
    ({"start_time": raw("NaN")}, "bad_start_time"),
    ({"start_time": raw("-Infinity")}, "bad_start_time"),
    ({"start_time": raw("1e400")}, "bad_start_time"),
    ({"start_time": {"a": 1}}, "bad_start_time"),
    ({"start_time": "1_0"}, "bad_start_time"),
    ({"start_time": "١٢٣"}, "bad_start_time"),
    ({"end_time": None}, "missing_end_time"),
    ({"end_time": "x"}, "bad_end_time"),
    ({"answer_time": "9" * 15}, "bad_answer_time"),
    ({"received_at": []}, "bad_received_at"),
    ({"duration": None}, "missing_duration"),
    ({"duration": ""}, "missing_duration"),
    ({"duration": "20s"}, "bad_duration"),
    ({"duration": raw("1e999")}, "bad_duration"),
    ({"duration": raw("1" * 30)}, "bad_duration"),
    ({"did": None}, "missing_did"),
    ({"did": "  "}, "missing_did"),
    ({"did": {}}, "bad_did"),
    ({"caller": [[]]}, "bad_caller"),
    ({"sip_code": "ok"}, "bad_sip_code"),
    ({"sip_code": "99"}, "bad_sip_code"),
    ({"sip_code": "700"}, "bad_sip_code"),
    ({"sip_code": "200.5"}, "bad_sip_code"),
    ({"leg": "sideways"}, "bad_leg"),
    ({"attempt": "32768"}, "bad_attempt"),
    ({"attempt": "-1"}, "bad_attempt"),
    ({"caller_name": raw("false")}, "bad_caller_name"),
]


@pytest.mark.parametrize(("changes", "code"), REJECTED)
def test_a_bad_record_is_rejected(changes, code, secret):
    given = record(**{"cdr_id": "this"} | changes)
    (rejected,) = sent(given, secret)["rejected"]
    assert rejected["error"] == code
    if isinstance(given.get("cdr_id"), str) and "cdr_id" not in changes:
        assert rejected["cdr_id"] == "this"
    assert not CallRecord.objects.exists()
    assert not ParkedCallRecord.objects.exists()


@pytest.mark.parametrize("thing", ["null", "17", '"text"', "[]", "true", "NaN", "[[{}]]", "1e400"])
def test_what_is_no_object_is_rejected(thing, secret):
    text = json.dumps(batch("THING", record())).replace('"THING"', thing)
    assert post(text, secret).json() == {
        "accepted": 1, "duplicates": 0, "rejected": [{"cdr_id": "", "error": "not_an_object"}],
    }  # fmt: skip


def test_bad_ones_fail_nobody_else_and_are_listed_in_order(secret, lease):
    good = [record(cdr_id=f"good-{n}") for n in range(3)]
    bad = [record(cdr_id=f"bad-{n}", duration="x") for n in range(2)]
    body = post(batch(good[0], bad[0], good[1], bad[1], good[2]), secret).json()
    assert body == {
        "accepted": 3,
        "duplicates": 0,
        "rejected": [{"cdr_id": f"bad-{n}", "error": "bad_duration"} for n in range(2)],
    }
    assert CallRecord.objects.filter(cdr_id__startswith="good").count() == 3


def test_a_rejected_record_may_be_mended_and_sent_again(secret):
    sent(record(cdr_id="a", duration="x"), secret)
    assert not CallRecordKey.objects.exists()
    assert post(batch(record(cdr_id="a"), batch_id="b2"), secret).json()["accepted"] == 1


@pytest.mark.parametrize(
    ("changes", "stored"),
    [
        ({"caller_name": "a\0b\u2028c\x07"}, {"caller_name": "abc"}),
        ({"caller_name": "x\udc00y"}, {"caller_name": "xy"}),
        ({"caller_name": "Ä" * 500}, {"caller_name": "Ä" * 128}),
        ({"call_id": "c" * 5000}, {"call_id": "c" * 255}),
        ({"caller": "anonymous"}, {"caller": "anonymous"}),
        ({"caller": "+" + "9" * 500}, {"caller": "+" + "9" * 63}),
        ({"caller": "'; DROP TABLE numbers_callrecord; --"}, {"caller": "'; DROP TABLE numbers_callrecord; --"}),
        ({"hangup_by": raw("null")}, {"hangup_by": ""}),
        ({"kind": "something-quite-new"}, {"kind": "something-"}),
        ({"sip_code": "0"}, {"sip_code": None}),
        ({"sip_code": ""}, {"sip_code": None}),
        ({"leg": "OUT"}, {"direction": "out"}),
        ({"leg": ""}, {"direction": "in"}),
        ({"extra": {"a": [{"b": raw("1e400")}]}}, {"caller": "+442079460018"}),
        ({"duration": "0.0000004"}, {"duration": 0}),
    ],
)
def test_what_only_describes_a_call_does_not_spoil_it(changes, stored, secret):
    assert sent(record(**changes), secret)["accepted"] == 1
    assert CallRecord.objects.values(*stored).get() == stored


def test_bytes_that_are_no_utf8_spoil_no_batch(secret):
    body = json.dumps(batch(record(caller_name="X"), record())).encode().replace(b'"X"', b'"Ann \xe9"')
    assert post(body, secret).json()["accepted"] == 2
    assert CallRecord.objects.filter(caller_name="Ann \ufffd").count() == 1


# -- parked -------------------------------------------------------------------------------------------------------

PARKED = [
    ({"end_time": f"{EPOCH + 3599.999:.3f}"}, "end_before_start"),
    ({"end_time": f"{EPOCH + 3590:.3f}", "duration": "-10"}, "end_before_start"),
    ({"start_time": str(EPOCH - DAY), "end_time": str(EPOCH - DAY + 43_201)}, "too_long"),
    ({"duration": "43201"}, "too_long"),
    ({"duration": "99999999999999999999.5"}, "too_long"),
    ({"start_time": str(EPOCH + 7261), "end_time": str(EPOCH + 7262), "duration": "0"}, "in_future"),
    ({"end_time": str(EPOCH + 7261)}, "in_future"),
    ({"start_time": "1764412345123", "end_time": "1764412345123"}, "in_future"),
    ({"start_time": raw("9e99"), "end_time": raw("9e99")}, "in_future"),
    ({"start_time": str(EPOCH - 36 * DAY), "end_time": str(EPOCH - 36 * DAY + 5), "duration": "5"}, "too_old"),
    ({"start_time": "0", "end_time": "1", "duration": "0"}, "too_old"),
    ({"start_time": "-62135596801", "end_time": "0", "duration": "0"}, "too_old"),
    ({"duration": "26.001"}, "duration"),
    ({"duration": "-1"}, "duration"),
]


@pytest.mark.parametrize(("changes", "reason"), PARKED)
def test_a_record_that_cannot_be_true_is_accepted_and_parked_as_it_came(changes, reason, secret):
    given = record(**{"cdr_id": "odd"} | changes)
    assert sent(given, secret) == {"accepted": 1, "duplicates": 0, "rejected": []}
    parked = ParkedCallRecord.objects.get()
    assert (parked.switch_id, parked.cdr_id, parked.batch_id, parked.reason) == ("sw1", "odd", "b1", reason)
    assert (parked.did, parked.parked_at, parked.resolved_at) == (DID, LATER, None)
    assert parked.record == {name: value.strip("<>") for name, value in given.items()}
    assert not CallRecord.objects.exists()


def test_a_parked_record_is_stored_once_and_true_ones_beside_it(secret):
    odd = record(duration="-1")
    assert post(batch(odd, record()), secret).json()["accepted"] == 2
    assert post(batch(odd, odd | {"duration": "0"}, batch_id="b2"), secret).json() == {
        "accepted": 0, "duplicates": 2, "rejected": [],
    }  # fmt: skip
    assert (ParkedCallRecord.objects.count(), CallRecord.objects.count()) == (1, 1)


def test_what_a_parked_record_holds_can_be_stored(secret):
    deep = "[" * 300 + "]" * 300
    given = record(duration="-1", caller_name="a\0b", extra={"a": "\0"}, deep=raw(deep), yes=True)
    given["na\0me"] = "\ud800"
    assert sent(given, secret)["accepted"] == 1
    kept = ParkedCallRecord.objects.get().record
    assert (kept["caller_name"], kept["name"], kept["yes"], kept["deep"]) == ("ab", "", True, deep)


# -- batches ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"batch_id=1&cdrs=2", "not_json"),
        (b'{"batch_id": "b1", "cdrs": [', "not_json"),
        (b"\x00\xff\xfe", "not_json"),
        ('{"batch_id": "1", "cdrs": []}'.encode("utf-16"), "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"a":' * 100_000, "not_json"),
        (b"null", "bad_envelope"),
        (b"[]", "bad_envelope"),
        (b'"text"', "bad_envelope"),
        (b"1e400", "bad_envelope"),
        (b'{"batch_id": "b1"}', "bad_envelope"),
        (b'{"batch_id": "b1", "cdrs": {}}', "bad_envelope"),
        (b'{"batch_id": "b1", "cdrs": "[]"}', "bad_envelope"),
        (b'{"batch_id": ["b1"], "cdrs": []}', "bad_envelope"),
        (b'{"batch_id": true, "cdrs": []}', "bad_envelope"),
        (b'{"batch_id": "b1", "switch_id": {}, "cdrs": []}', "bad_envelope"),
    ],
)
def test_a_body_of_another_shape_is_a_400(body, code, secret):
    response = post(body, secret)
    assert (response.status_code, response.json()) == (400, {"error": code})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"batch_id": None}, "missing_batch_id"),
        ({"batch_id": ""}, "missing_batch_id"),
        ({"batch_id": "b" * 129}, "bad_identifier"),
        ({"batch_id": "b\0"}, "bad_identifier"),
        ({"batch_id": "\ud800"}, "bad_identifier"),
        ({"switch_id": "s" * 41}, "bad_identifier"),
        ({"switch_id": "s\n"}, "bad_identifier"),
    ],
)
def test_an_envelope_that_means_nothing_is_a_422(changes, code, secret):
    response = post(batch(record()) | changes, secret)
    assert (response.status_code, response.json()) == (422, {"error": code})
    assert not CallRecord.objects.exists()


def test_who_may_not_report_is_not_read(secret):
    assert post(b"[" * 100_000, "wrong").status_code == 401
