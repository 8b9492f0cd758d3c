"""POST /carrier/v1/cdrs: each record is stored once, with the lease that held the number then, or the switch reads why
not."""

import base64
import json
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from numbers.carrier import credentials
from numbers.models import CallRecord, CallRecordKey, Lease, SwitchCredential
from tests.carrier.cdrs import ADDRESS, EPOCH, batch, post, record
from tests.support.leases import DID, NOW, make_lease
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def secret():
    return credentials.create(switch_id="sw1", scopes=["cdrs"])[1]


def answer(response):
    assert response.status_code == 200, response.content
    return response.json()


def test_a_record_is_stored_with_every_field(secret, lease):
    given = record(
        cdr_id="x-1", target="+442079460019", gateway="gw1.example.test:5060", attempt=1, caller_name="Ann",
        attestation="A", answered_by="sip:gw1.example.test", route_etag="5.1.0a1b", received_at=EPOCH + 3599.5,
        leg="out", number_id="999", project_id="pid_other", colour="unknown fields are ignored",
    )  # fmt: skip
    assert answer(post(batch(given), secret)) == {"accepted": 1, "duplicates": 0, "rejected": []}
    row = CallRecord.objects.values().get()
    start = NOW + timedelta(hours=1)
    assert row == {
        "id": row["id"], "switch_id": "sw1", "cdr_id": "x-1", "call_id": "abc@192.0.2.9", "start_time": start,
        "answer_time": start + timedelta(seconds=5), "end_time": start + timedelta(seconds=25),
        "duration": Decimal("20.000000"), "direction": "out", "did": DID, "caller": "+442079460018",
        "caller_name": "Ann", "attestation": "A", "target": "+442079460019", "gateway": "gw1.example.test:5060",
        "attempt": 1, "kind": "pstn", "answered_by": "sip:gw1.example.test", "sip_code": 200, "hangup_by": "caller",
        "route_source": "portal", "route_etag": "5.1.0a1b", "received_at": start - timedelta(seconds=0.5),
        "lease_id": lease.pk, "number_id": lease.number_id, "project_id": lease.project_id, "status": "answered",
        "stored_at": LATER,
    }  # fmt: skip


def test_numbers_may_be_json_numbers_and_little_is_needed(secret, lease):
    least = {"cdr_id": 17, "did": int(DID[1:]), "start_time": EPOCH + 0.25, "end_time": EPOCH + 1e1, "duration": 0}
    assert answer(post(batch(least | {"sip_code": 486}, batch_id=1, switch_id=7), secret))["accepted"] == 1
    row = CallRecord.objects.get()
    assert (row.switch_id, row.cdr_id, row.did, row.status, row.lease) == ("7", "17", DID, "busy", lease)
    assert (row.start_time, row.end_time) == (NOW + timedelta(seconds=0.25), NOW + timedelta(seconds=10))
    assert (row.direction, row.call_id, row.attempt, row.answer_time) == ("in", "", None, None)


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS + "/"])
def test_the_address(address, secret):
    assert answer(post(batch(), secret, address=address)) == {"accepted": 0, "duplicates": 0, "rejected": []}


def test_the_answer_is_one_line_that_nobody_keeps(secret):
    response = post(batch(record(cdr_id="a\nb")), secret)
    assert b"\n" not in response.content
    assert (response.headers["Content-Type"], response.headers["Cache-Control"]) == ("application/json", "no-store")
    assert not response.cookies


# -- once ---------------------------------------------------------------------------------------------------------


def test_the_same_batch_has_the_same_answer(secret, lease):
    body = batch(record(), record(duration="x"), record())
    first = answer(post(body, secret))
    assert first == {
        "accepted": 2, "duplicates": 0, "rejected": [{"cdr_id": body["cdrs"][1]["cdr_id"], "error": "bad_duration"}],
    }  # fmt: skip
    for _ in range(2):
        assert answer(post(body, secret)) == first | {"replayed": True}
    assert CallRecord.objects.count() == 2


def test_records_in_another_batch_are_duplicates_whatever_they_say_now(secret, lease):
    kept = record()
    answer(post(batch(kept), secret))
    moved = kept | {"start_time": str(EPOCH - 20 * 86_400), "end_time": str(EPOCH - 20 * 86_400 + 9), "duration": "9"}
    broken = kept | {"end_time": "1"}
    again = batch(moved, record(), broken, batch_id="b2")
    assert answer(post(again, secret)) == {"accepted": 1, "duplicates": 2, "rejected": []}
    assert CallRecord.objects.get(cdr_id=kept["cdr_id"]).start_time == NOW + timedelta(hours=1)


def test_a_record_that_stands_twice_in_a_batch_counts_once(secret):
    twice = record()
    assert answer(post(batch(twice, twice | {"duration": "x"}, twice), secret)) == {
        "accepted": 1, "duplicates": 1, "rejected": [{"cdr_id": twice["cdr_id"], "error": "bad_duration"}],
    }  # fmt: skip


def test_ids_count_by_the_switch_that_the_body_names(secret):
    same = record()
    for number, switch_id in enumerate(["sw1", "sw2", None, "SW1"]):
        sent = answer(post(batch(same, batch_id="b", switch_id=switch_id), secret))
        # Without a name it is the credential's switch, and this its first batch over again.
        assert sent.get("replayed", False) == (number == 2)
    assert sorted(CallRecord.objects.values_list("switch_id", flat=True)) == ["SW1", "sw1", "sw2"]


def test_another_batch_under_an_old_id_is_answered_as_before_and_loses_nothing(secret, caplog):
    first = answer(post(batch(record()), secret))
    other = batch(record(), record())
    with caplog.at_level("WARNING"):
        assert answer(post(other, secret)) == first | {"replayed": True}
    assert CallRecord.objects.count() == 3
    assert "calls.batch_id_reused" in caplog.text


def test_keys_are_kept_until_a_copy_would_be_too_old(secret):
    answer(post(batch(record(), record(start_time=str(EPOCH + 86_400 * 9), end_time=str(EPOCH + 86_400 * 9))), secret))
    ends = CallRecordKey.objects.order_by("purge_after").values_list("purge_after", flat=True)
    assert list(ends) == [LATER + timedelta(days=36), NOW + timedelta(days=45)]


# -- whose it is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("did", [DID, DID[1:], f" {DID[1:]}", f"00{DID[1:]}", "+1 212-555-0101", f"tel:{DID}"])
def test_a_did_is_understood_as_in_the_question_for_a_route(did, secret, lease):
    answer(post(batch(record(did=did)), secret))
    assert CallRecord.objects.get().lease == lease


def test_a_record_belongs_to_the_lease_that_held_the_number_when_it_began(secret):
    first = make_lease()
    Lease.objects.filter(pk=first.pk).update(status="released", ended_at=NOW + timedelta(minutes=10))
    second = Lease.objects.get(pk=first.pk)
    second.pk, second.project, second.purchase_key = None, make_project(), None
    second.status, second.ended_at, second.started_at = "active", None, NOW + timedelta(minutes=20)
    second.save()
    minutes = {-1: None, 0: first, 9: first, 10: None, 15: None, 20: second, 60: second}
    sent = [
        record(cdr_id=str(minute), start_time=str(EPOCH + 60 * minute), project_id=first.project.pid)
        for minute in minutes
    ]
    assert answer(post(batch(*sent), secret))["accepted"] == len(minutes)
    rows = {int(row.cdr_id): row for row in CallRecord.objects.all()}
    assert {minute: row.lease for minute, row in rows.items()} == minutes
    assert {row.project for row in rows.values()} == {None, first.project, second.project}


@pytest.mark.parametrize("did", ["+442079460000", "anonymous", "sip:x@192.0.2.1", "1"])
def test_a_number_that_nobody_holds_loses_no_record(did, secret):
    answer(post(batch(record(did=did)), secret))
    row = CallRecord.objects.get()
    assert (row.did, row.lease, row.number, row.project) == (did, None, None, None)


# -- the door -----------------------------------------------------------------------------------------------------


def test_a_wrong_or_revoked_secret_and_a_missing_scope(secret, lease):
    assert post(batch(), "wrong").status_code == 401
    routes = credentials.create(switch_id="sw2", scopes=["routes", "sms"])[1]
    refused = post(batch(record()), routes)
    assert (refused.status_code, refused.json()) == (403, {"error": "scope_missing"})
    elsewhere = credentials.create(switch_id="sw3", scopes=["cdrs"], networks=["192.0.2.0/24"])[1]
    assert post(batch(), elsewhere).json() == {"error": "address_not_allowed"}
    both = base64.b64encode(f"sw1:{secret}".encode()).decode()
    assert post(batch(), "", Authorization=f"Basic {both}").status_code == 200
    known = credentials.find(credentials.parse_authorization(f"Bearer {secret}"), LATER)
    assert known.last_used_at == LATER
    credentials.revoke(credential=SwitchCredential.objects.get(switch_id="sw1"), now=LATER)
    assert post(batch(record()), secret).status_code == 401
    assert not CallRecord.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods(method, client, secret):
    response = getattr(client, method)(ADDRESS, headers={"Authorization": f"Bearer {secret}"})
    assert (response.status_code, response.json()) == (405, {"error": "method_not_allowed"})


def test_a_batch_of_500_and_one_more(secret, lease):
    many = [record(cdr_id=str(n)) for n in range(501)]
    refused = post(batch(*many), secret)
    assert (refused.status_code, refused.json()) == (413, {"error": "too_many_records"})
    assert answer(post(json.dumps(batch(*many[:500])), secret))["accepted"] == 500


def test_a_body_beyond_a_megabyte(secret):
    refused = post(json.dumps(batch(record(note="x" * 1_000_000))), secret)
    assert (refused.status_code, refused.json()) == (413, {"error": "too_large"})
