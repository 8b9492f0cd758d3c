"""Records reach the portal once, whoever is killed in between."""

import re
import time
from decimal import Decimal
from pathlib import Path

import pytest

from numbers.calls.models import CallRecord, CallRecordBatch
from numbers.models import SwitchCredential
from tests.support.leases import DID
from tests.switch import scenarios
from tests.switch.kit import TARGET, until

pytestmark = pytest.mark.django_db


def a_record(number, **changes):
    began = time.time() - 60
    times = {"start_time": f"{began:.6f}", "answer_time": f"{began + 5:.6f}", "end_time": f"{began + 17.25:.6f}"}
    return {"cdr_id": f"call-{number}-in", "did": DID, "caller": "+4930123456", "leg": "in", **times, **changes}


@pytest.fixture
def waiting(installed):
    """The uploader's switch, with three records."""
    installed.add_rows((f"call-{number}-in", a_record(number)) for number in range(3))
    return installed


def stored(count):
    until(lambda: CallRecord.objects.count() >= count, f"{count} call records in the portal")
    assert CallRecord.objects.count() == count


def sent(switch):
    """All that is to be sent is away."""
    until(lambda: switch.query("SELECT count(*) FROM records") == [(0,)], "the uploader")


def set_aside(switch):
    return switch.query("SELECT cdr_id, error FROM set_aside ORDER BY id")


def is_unread(port):
    """Whether somebody sent something to ``port`` that nobody has read (/proc/net/tcp: state 01, receive queue)."""
    return re.search(rf" \w+:{port:04X} \w+:\w+ 01 \w+:0*[1-9A-F]", Path("/proc/net/tcp").read_text())


def test_a_call_is_seen_in_the_portal(lease, switch, trunk, phone, gateways):
    switch.start_uploader()
    gateway = phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID))
    gateway.done()
    stored(2)
    incoming, outgoing = CallRecord.objects.order_by("direction")
    for record in (incoming, outgoing):
        assert (record.lease_id, record.project_id, record.switch_id) == (lease.pk, lease.project_id, "sw1")
        assert (record.status, record.sip_code, record.hangup_by) == ("answered", 200, "caller")
        assert record.duration == pytest.approx(Decimal((record.end_time - record.answer_time).total_seconds()))
    assert (outgoing.direction, outgoing.target, outgoing.attempt) == ("out", TARGET, 1)
    assert outgoing.gateway == f"127.0.0.1:{gateways[0]}"
    assert incoming.call_id == outgoing.call_id
    sent(switch)
    assert set_aside(switch) == []


def test_refused_and_unanswered_calls_are_seen_too(lease, switch, trunk, phone, gateways):
    switch.start_uploader()
    gateway = phone(scenarios.rejects(486), gateways[0])
    trunk(scenarios.refused_call(DID, 486))
    gateway.done()
    stored(2)
    assert {(each.direction, each.status, each.duration) for each in CallRecord.objects.all()} == {
        ("in", "busy", 0),
        ("out", "busy", 0),
    }


def test_killed_after_the_portal_took_a_batch_and_before_it_heard_so(waiting, carrier, frozen_portal):
    with frozen_portal():
        waiting.start_uploader()
        until(lambda: is_unread(carrier.ports["carrier"]), "the batch to be sent")
        waiting.kill_uploader()
    stored(3)  # the portal reads it when it wakes, and answers nobody
    assert waiting.query("SELECT count(DISTINCT batch_id), count(*) FROM records") == [(1, 3)]
    waiting.add_rows([("call-3-in", a_record(3))])
    waiting.start_uploader()
    sent(waiting)
    stored(4)
    answers = CallRecordBatch.objects.order_by("received_at").values_list("answer", flat=True)
    assert [(each["accepted"], each["duplicates"]) for each in answers] == [(3, 0), (1, 0)]  # the first went unchanged


def test_killed_with_the_switch(lease, switch, trunk, phone, gateways):
    gateway = phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID))
    gateway.done()
    switch.records(2)
    switch.kill()
    switch.start_uploader()
    stored(2)
    switch.kill_uploader()
    switch.start_uploader()
    switch.start()
    sent(switch)
    stored(2)


def test_what_the_portal_rejects_is_set_aside_and_the_rest_goes_on(waiting):
    no_number = a_record("x", cdr_id="no-number", did="")
    no_end = {"cdr_id": "no-end", "answer_time": "1"}
    waiting.add_rows([("no-number", no_number), ("no-json", "{"), ("no-end", no_end)])
    waiting.start_uploader()
    stored(3)
    sent(waiting)
    found = dict(set_aside(waiting))
    assert found.pop("no-number") == "missing_did"
    assert set(found) == {"no-json", "no-end"}
    assert all(error.startswith("unreadable") for error in found.values())


def test_a_batch_that_must_never_be_sent_again_is_set_aside_until_somebody_mended_the_cause(waiting):
    conf = waiting.folder / "portal.conf"
    right = conf.read_text()
    conf.write_text(right.replace("username = sw1", f"username = {'x' * 41}"))  # a 422
    waiting.start_uploader()
    sent(waiting)
    waiting.kill_uploader()
    assert [error[:3] for _, error in set_aside(waiting)] == ["422"] * 3
    conf.write_text(right)
    waiting.start_uploader("--again")
    assert waiting.uploader.wait() == 0
    waiting.start_uploader()
    stored(3)
    sent(waiting)
    assert set_aside(waiting) == []


def test_a_refused_credential_loses_nothing(waiting):
    SwitchCredential.objects.update(scopes=["routes"])
    waiting.start_uploader()
    log = waiting.folder / "uploader.log"
    until(lambda: log.read_text().count("the portal answers 403") >= 2, "two tries")
    assert len(waiting.rows()) == 3
    SwitchCredential.objects.update(scopes=["cdrs"])
    stored(3)


def test_many_records_go_in_several_batches(waiting):
    waiting.add_rows((f"call-{number}-in", a_record(number)) for number in range(3, 1100))
    waiting.start_uploader()
    stored(1100)
    sent(waiting)
    assert CallRecordBatch.objects.count() == 3


def test_two_uploaders_do_not_work_on_the_same_records(waiting):
    waiting.start_uploader()
    first = waiting.uploader
    stored(3)
    waiting.start_uploader()
    assert waiting.uploader.wait() == 1
    waiting.uploader = first
