"""The same records from several senders at the same moment, and senders that are gone in the middle."""

import random
from datetime import UTC, datetime

import pytest

from numbers.carrier import credentials
from numbers.models import CallRecord, CallRecordKey
from tests.carrier.cdrs import batch, post, record
from tests.faults.workers import held, until, waiting_for
from tests.support.crowd import Beside, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
NOW = datetime.now(UTC)


@pytest.fixture
def secret():
    return credentials.create(switch_id="sw1", scopes=["cdrs"])[1]


def recent(**changes):
    start = NOW.timestamp() - 3600
    return record(start_time=f"{start:.3f}", answer_time=None, end_time=f"{start + 25:.3f}", **changes)


def test_the_same_batch_at_once_is_stored_once_and_answered_alike(secret):
    for number in range(5):
        body = batch(*(recent() for _ in range(50)), recent(duration="x"), batch_id=f"b{number}")
        answers = [response.json() for response in at_once([lambda body=body: post(body, secret)] * 6)]
        assert sorted(answer.pop("replayed", False) for answer in answers) == [False, *[True] * 5]
        assert all(answer == answers[0] for answer in answers)
        assert answers[0]["accepted"] == 50
        assert CallRecord.objects.count() == 50 * (number + 1)


def test_the_same_records_in_different_batches_at_once_are_stored_once(secret):
    """In another order in each: nobody waits in a circle."""
    for number in range(5):
        records = [recent() for _ in range(200)]
        bodies = [batch(*random.sample(records, 200), batch_id=f"{number}-{each}") for each in range(6)]
        answers = [response.json() for response in at_once([lambda body=body: post(body, secret) for body in bodies])]
        assert sum(answer["accepted"] for answer in answers) == 200
        assert sum(answer["duplicates"] for answer in answers) == 5 * 200
    assert CallRecord.objects.count() == CallRecordKey.objects.count() == 1000


HOLD = (
    "INSERT INTO numbers_callrecordbatch (switch_id, batch_id, digest, answer, received_at) "
    "VALUES ('sw1', 'b1', '', '{}', now())"
)


def test_who_was_gone_before_the_end_left_nothing_and_the_next_one_stores(secret):
    with held(HOLD) as other:
        act = Beside(lambda: post(batch(recent(), recent()), secret))
        until(lambda: waiting_for(other), "the second sender to wait for the first one")
        other.rollback()
        assert act.result().json() == {"accepted": 2, "duplicates": 0, "rejected": []}


def test_who_waits_too_long_for_another_sender_is_told_to_come_again(secret):
    with held(HOLD):
        response = post(batch(recent()), secret)
    assert (response.status_code, response.json()) == (503, {"error": "busy"})
    assert response.headers["Retry-After"]
    assert not CallRecord.objects.exists()
    assert post(batch(recent()), secret).json()["accepted"] == 1
