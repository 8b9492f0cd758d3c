"""The same message, the same parts, the last two parts of one at the same moment: one message."""

import random

import pytest
from django.db import connection, transaction
from django.utils import timezone

from numbers.carrier import credentials
from numbers.leases.models import Lease
from numbers.messaging import joining
from numbers.models import Message, MessageKey, MessagePart
from projects.actor import SYSTEM
from tests.carrier.sms import hand_over, message, part
from tests.faults.workers import held, until, waiting_for
from tests.messaging.delivering import set_url
from tests.support.crowd import Beside, at_once, wait_until_it_waits
from tests.support.leases import make_lease

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def secrets():
    return [credentials.create(switch_id=f"gw{each}", scopes=["sms"])[1] for each in range(2)]


@pytest.fixture(autouse=True)
def lease():
    found = make_lease()
    Lease.objects.filter(pk=found.pk).update(started_at=timezone.now())
    return found


def test_the_same_message_at_once_is_stored_once(secrets):
    for _ in range(5):
        body = message()
        answers = at_once([lambda body=body: hand_over(body, secrets[0])] * 6)
        assert sorted(each.status_code for each in answers) == [*[200] * 5, 202]
    assert Message.objects.count() == MessageKey.objects.count() == 5


def test_all_parts_at_once_each_from_two_gateways_are_one_message(secrets):
    for reference in range(8):
        parts = [(no, secret) for no in (1, 2, 3) for secret in secrets]
        random.shuffle(parts)
        answers = at_once(
            lambda no=no, secret=secret, reference=reference: hand_over(part(no, 3, f"{no}", reference), secret)
            for no, secret in parts
        )
        assert sorted(each.status_code for each in answers) == [200, 200, 200, 202, 202, 202]
    assert [each.text for each in Message.objects.all()] == ["123"] * 8
    assert MessagePart.objects.count() == 24
    assert not MessagePart.objects.filter(joined_at=None).exists()


def test_the_last_part_beside_the_end_of_the_wait(secrets, settings):
    """Either it is in time, or what is there is a message and the late part waits for itself: nothing twice, nothing
    lost."""
    for reference in range(8):
        hand_over(part(1, 2, "1", reference), secrets[0])
        later = timezone.now() + joining.wait()
        at_once(
            [
                *[lambda later=later: joining.join_overdue(now=later)] * 2,
                lambda reference=reference: hand_over(part(2, 2, "2", reference), secrets[0]),
            ]
        )
    joining.join_overdue(now=timezone.now() + joining.wait() * 3)
    assert "".join(sorted("".join(each.text for each in Message.objects.all()))) == "1" * 8 + "2" * 8
    assert {each.text for each in Message.objects.all()} <= {"12", "1", "2"}


def test_who_waits_too_long_is_told_to_come_again_and_nothing_is_stored(secrets):
    body = part(1, 2, "a")
    with held("LOCK TABLE numbers_messagepart IN EXCLUSIVE MODE"):
        response = hand_over(body, secrets[0])
    assert (response.status_code, response.json()) == (503, {"error": "busy"})
    assert response.headers["Retry-After"]
    assert not MessageKey.objects.exists()
    assert hand_over(body, secrets[0]).status_code == 202


def test_who_was_gone_before_the_end_left_nothing(secrets):
    body = message(message_id="1")
    with held("LOCK TABLE numbers_messagekey IN SHARE MODE") as gone:
        act = Beside(lambda: hand_over(body, secrets[0]))
        until(lambda: waiting_for(gone), "the message to wait")
        gone.rollback()
        assert act.result().status_code == 202


def test_a_message_that_meets_the_end_of_a_suspension_is_not_held_for_ever(secrets, lease):
    """Whoever ends it then delivers what is held: what came a moment before is among that, what comes later waits."""
    now = timezone.now()
    set_url(SYSTEM, "https://example.com:443/in", lease=lease)
    Lease.objects.filter(pk=lease.pk).update(
        status=Lease.Status.SUSPENDED, past_due_since=now, suspends_at=now, releases_at=now
    )
    with transaction.atomic():
        Lease.objects.filter(pk=lease.pk).update(
            status=Lease.Status.ACTIVE, past_due_since=None, suspends_at=None, releases_at=None
        )
        act = Beside(lambda: hand_over(message(), secrets[0]))
        wait_until_it_waits(act)
    assert act.result().status_code == 202
    assert Message.objects.get().status == Message.Status.WAITING
    assert connection.in_atomic_block is False
