"""One call of a project: why it ended, its legs, its talk time; and the last ones of a number."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from numbers.calls import queries
from numbers.models import CallRecord
from tests.calls.records import AT, make_record
from tests.support.leases import DID, make_lease

pytestmark = pytest.mark.django_db
OTHER = "+12125550102"
Status, Direction = CallRecord.Status, CallRecord.Direction


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def lease(project):
    return make_lease(project=project)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hangup_by": "caller"}, "The caller hung up."),
        ({"hangup_by": "callee"}, "The called party hung up."),
        ({"hangup_by": "switch"}, "Our switch ended the call"),
        ({}, "It was answered, and one of the two hung up."),
        ({"sip_code": 486, "status": Status.BUSY, "duration": 0}, "The called party was busy."),
        ({"sip_code": 480, "status": Status.NO_ANSWER, "duration": 0}, "no app is registered"),
        ({"sip_code": None, "status": Status.NO_ANSWER, "duration": 0}, "Nobody answered."),
        ({"sip_code": 487, "status": Status.CANCELLED, "duration": 0}, "hung up before anyone answered"),
        ({"sip_code": 487, "status": Status.CANCELLED, "hangup_by": "switch"}, "Our switch ended the call before"),
        ({"sip_code": 603, "status": Status.REFUSED, "duration": 0}, "declined the call"),
        ({"sip_code": 503, "status": Status.FAILED, "duration": 0}, "overloaded or out of order"),
        ({"sip_code": 599, "status": Status.FAILED, "duration": 0}, "could not be connected"),
    ],
)
def test_why_a_call_ended_in_words(values, words, customer, project, lease):
    record = make_record(lease, **values)
    page = customer.get(reverse("numbers:call", args=[project.pid, record.started, record.id]))
    assert words in page.content.decode()


def test_the_legs_of_a_call_are_shown_together(customer, project, lease):
    other = make_lease(OTHER, project)
    first = make_record(lease, call_id="a@b", cdr_id="in")
    make_record(lease, call_id="a@b", cdr_id="out", direction=Direction.OUT, start_time=AT + timedelta(seconds=1))
    make_record(lease, call_id="a@b", cdr_id="transfer", start_time=AT + timedelta(minutes=40))
    make_record(other, call_id="a@b", cdr_id="next number", start_time=AT + timedelta(seconds=2))
    make_record(lease, call_id="other", cdr_id="another call")
    make_record(lease, call_id="a@b", cdr_id="days before", start_time=AT - timedelta(days=2))
    make_record(make_lease("+12125550103"), call_id="a@b", cdr_id="strange")
    assert [leg.cdr_id for leg in queries.legs(first)] == ["in", "out", "next number", "transfer"]
    alone = make_record(lease)
    assert queries.legs(alone) == [alone]


@pytest.mark.parametrize("address", ["1-1", "99999999999999999999999-1", "0-99999999999999999999"])
def test_a_call_that_is_not_there(address, customer, project):
    assert customer.get(f"/projects/{project.pid}/numbers/calls/{address}/").status_code == 404


@pytest.mark.parametrize(
    ("seconds", "words"), [("0", "0:00"), ("7.4", "0:07"), ("59.6", "1:00"), ("3900", "1:05:00"), ("43200", "12:00:00")]
)
def test_talk_time(seconds, words, lease):
    assert CallRecord(status=Status.ANSWERED, duration=float(seconds)).talk_time == words
    assert CallRecord(status=Status.BUSY, duration=float(seconds)).talk_time == ""


def test_the_last_calls_of_a_number_are_on_its_page(customer, project, lease):
    for number in range(7):
        make_record(lease, caller=f"+4420794600{number:02}", start_time=AT - timedelta(minutes=number))
    text = customer.get(reverse("numbers:lease", args=[project.pid, lease.pk])).content.decode()
    assert "+44 20 7946 0004" in text
    assert "+44 20 7946 0005" not in text
    assert f"/numbers/calls/?number=%2B{DID[1:]}" in text
