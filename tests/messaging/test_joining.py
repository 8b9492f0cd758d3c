"""Parts become one message: in any order, sent twice, over several gateways, with references that begin anew."""

import itertools
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numbers.carrier import credentials
from numbers.messaging import joining, keeping
from numbers.messaging.tasks import join_overdue_parts
from numbers.models import Message, MessagePart
from projects.actor import SYSTEM
from tests.carrier.sms import from_jasmin, from_kannel, hand_over, part
from tests.messaging.delivering import set_url
from tests.messaging.test_decoding import SEPTETS, pieces, septets, utf16
from tests.support.leases import DID, NOW, make_lease

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(hours=1)
WAIT = timedelta(minutes=10)
MANY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def secret():
    return credentials.create(switch_id="gw1", scopes=["sms"])[1]


@pytest.fixture
def other():
    return credentials.create(switch_id="gw2", scopes=["sms"])[1]


@pytest.fixture(autouse=True)
def lease():
    return make_lease()


def texts():
    return [each.text for each in Message.objects.order_by("id")]


# -- whole ----------------------------------------------------------------------------------------------------------


@MANY
@given(data=st.data())
def test_any_cut_any_order_any_copies_are_the_text_once(secret, other, data):
    Message.objects.all().delete()
    MessagePart.objects.all().delete()
    in_gsm = data.draw(st.booleans())
    # No text has half of a pair; what becomes of one is a test of the decoding.
    characters = st.sampled_from(sorted(SEPTETS)) if in_gsm else st.characters(exclude_categories=["Cs"])
    text = data.draw(st.text(characters, min_size=1, max_size=60))
    content = septets(text) if in_gsm else utf16(text)
    cut = pieces(content, data.draw(st.lists(st.integers(0), min_size=1, max_size=4)))
    sent = data.draw(st.permutations([*range(len(cut)), *data.draw(st.lists(st.sampled_from(range(len(cut)))))]))
    for at in sent:
        header = bytes([5, 0, 3, 204, len(cut), at + 1])
        ways = [
            lambda at=at: hand_over(
                part(at + 1, len(cut), cut[at], 204, encoding="gsm7" if in_gsm else "ucs2"), secret
            ),
            lambda at=at, header=header: from_jasmin(other, header + cut[at], coding=b"\x00" if in_gsm else b"\x08"),
        ]
        if not in_gsm:
            ways.append(
                lambda at=at, header=header: from_kannel(
                    secret, udh=header, text=cut[at], coding="2", charset="UTF-16BE"
                )
            )
        assert data.draw(st.sampled_from(ways))().status_code in (200, 202)
    assert texts() == [text.replace("\0", "")]


@pytest.mark.parametrize("order", [*itertools.permutations([1, 2, 3])])
def test_in_any_order(secret, clock, order):
    for no in order:
        assert hand_over(part(no, 3, f"{no}."), secret).status_code == 202
        clock.shift(timedelta(seconds=5))
    message = Message.objects.get()
    assert (message.text, message.parts, message.missing_parts) == ("1.2.3.", 3, [])
    assert message.received_at == AT + timedelta(seconds=10)


def test_nothing_is_a_message_before_its_last_part(secret):
    hand_over(part(1, 2, "a"), secret)
    assert texts() == []
    hand_over(part(2, 2, "b"), secret)
    assert texts() == ["ab"]


def test_a_message_of_255_parts(secret):
    for no in range(255, 0, -1):
        hand_over(part(no, 255, f"{no} "), secret)
    assert texts() == ["".join(f"{no} " for no in range(1, 256))]


def test_senders_numbers_references_and_lengths_are_apart(secret):
    make_lease("+12125550102")
    for changes in ({}, {"sender": "+442079460019"}, {"to": "+12125550102"}, {"reference": 8}):
        hand_over(part(1, 2, "a", **changes), secret)
    hand_over(part(1, 3, "c"), secret)
    assert texts() == []
    hand_over(part(2, 2, "b"), secret)
    assert texts() == ["ab"]
    assert MessagePart.objects.filter(joined_at=None).count() == 4


def test_the_parts_of_a_suspended_number_become_a_held_message(secret, lease):
    hand_over(part(1, 2, "a"), secret)
    type(lease).objects.filter(pk=lease.pk).update(
        status="suspended", past_due_since=AT, suspends_at=AT, releases_at=AT + timedelta(days=30)
    )
    hand_over(part(2, 2, "b"), secret)
    assert Message.objects.get().status == Message.Status.HELD


# -- the same once more ---------------------------------------------------------------------------------------------


def test_copies_of_parts_that_wait_and_of_parts_that_are_joined(secret, other, clock):
    hand_over(part(1, 2, "a"), secret)
    assert hand_over(part(1, 2, "a"), other).json() == {"status": "already_stored"}
    hand_over(part(2, 2, "b"), other)
    clock.shift(WAIT - timedelta(seconds=1))
    for no, text in ((1, "a"), (2, "b")):
        assert hand_over(part(no, 2, text), secret).json() == {"status": "already_stored"}
    assert texts() == ["ab"]
    assert not MessagePart.objects.filter(joined_at=None).exists()


def test_a_reference_that_begins_anew_is_another_message(secret):
    for text in ("one", "two", "three"):
        hand_over(part(1, 2, f"{text} "), secret)
        hand_over(part(2, 2, text), secret)
    assert texts() == ["one one", "two two", "three three"]


def test_a_reference_that_begins_anew_while_a_part_is_missing(secret, clock):
    """The part that comes now belongs to what was sent just before, not to what has long been waiting."""
    hand_over(part(1, 2, "old "), secret)
    clock.shift(timedelta(minutes=5))
    hand_over(part(1, 2, "new "), secret)
    hand_over(part(2, 2, "end"), secret)
    assert texts() == ["new end"]
    clock.shift(WAIT)
    join_overdue_parts()
    assert texts() == ["new end", "old "]


def test_of_two_that_wait_the_times_of_sending_tell_which(secret):
    hand_over(part(1, 2, "a1 ", received_at="2026-11-20T12:50:00Z"), secret)
    hand_over(part(1, 2, "b1 ", received_at="2026-11-20T12:55:00Z"), secret)
    hand_over(part(2, 2, "a2", received_at="2026-11-20T12:50:01Z"), secret)
    hand_over(part(2, 2, "b2", received_at="2026-11-20T12:55:01Z"), secret)
    assert texts() == ["a1 a2", "b1 b2"]


def test_of_two_that_wait_the_alphabet_tells_which(secret, clock):
    """Rather than the time."""
    hand_over(part(1, 2, utf16("ü "), encoding="ucs2"), secret)
    clock.shift(timedelta(seconds=5))
    hand_over(part(1, 2, b"a ", encoding="gsm7"), secret)
    hand_over(part(2, 2, utf16("ö"), encoding="ucs2"), secret)
    hand_over(part(2, 2, b"b", encoding="gsm7"), secret)
    assert texts() == ["ü ö", "a b"]


# -- parts that never come ------------------------------------------------------------------------------------------


def test_after_the_wait_a_message_is_what_is_there(secret, clock):
    hand_over(part(4, 4, "4"), secret)
    clock.shift(timedelta(minutes=9))
    hand_over(part(2, 4, "2"), secret)
    came = AT + timedelta(minutes=9)
    clock.move_to(AT + WAIT - timedelta(seconds=1))
    join_overdue_parts()
    assert texts() == []
    clock.move_to(AT + WAIT)
    join_overdue_parts()
    join_overdue_parts()
    message = Message.objects.get()
    assert (message.text, message.parts, message.missing_parts, message.received_at) == ("24", 4, [1, 3], came)


def test_what_comes_after_that_is_a_message_of_its_own(secret, clock):
    hand_over(part(1, 3, "1"), secret)
    clock.shift(WAIT)
    join_overdue_parts()
    hand_over(part(3, 3, "3"), secret)
    hand_over(part(1, 3, "1"), secret)  # known
    clock.shift(WAIT)
    join_overdue_parts()
    assert [(each.text, each.missing_parts) for each in Message.objects.order_by("id")] == [
        ("1", [2, 3]),
        ("3", [1, 2]),
    ]


def test_the_wait_is_a_setting(secret, clock, settings):
    settings.MESSAGE_PARTS_WAIT_SECONDS = 60
    hand_over(part(1, 2, "a"), secret)
    clock.shift(timedelta(minutes=1))
    join_overdue_parts()
    assert texts() == ["a"]


def test_a_number_released_meanwhile_keeps_what_was_acknowledged(secret, clock, lease):
    set_url(SYSTEM, "https://example.com:443/in", lease=lease)
    hand_over(part(1, 2, "a"), secret)
    type(lease).objects.filter(pk=lease.pk).update(status="released", ended_at=AT)
    assert hand_over(part(2, 2, "b"), secret).status_code == 404
    clock.shift(WAIT)
    join_overdue_parts()
    message = Message.objects.get()
    assert (message.text, message.project, message.status) == ("a", lease.project, Message.Status.WAITING)


def test_joined_parts_go_after_a_day_and_waiting_ones_do_not(secret, clock):
    hand_over(part(1, 2, "a"), secret)
    hand_over(part(2, 2, "b"), secret)
    hand_over(part(1, 2, "c", 99), secret)
    clock.shift(timedelta(days=1))
    keeping.purge(now=AT + timedelta(days=1))
    assert MessagePart.objects.count() == 3
    keeping.purge(now=AT + timedelta(days=1, seconds=1))
    assert [bytes(each.content) for each in MessagePart.objects.all()] == [utf16("c")]


def test_no_number_piles_up_parts(secret, clock, monkeypatch, lease):
    """Beyond the limit each part is a message at once; one that makes another whole still does."""
    monkeypatch.setattr(joining, "MOST_WAITING", 3)
    neighbour = make_lease("+12125550102")
    for reference in range(3):
        hand_over(part(1, 2, "a", reference), secret)
    assert hand_over(part(2, 3, "lone", 50), secret).status_code == 202
    assert [(each.text, each.missing_parts) for each in Message.objects.all()] == [("lone", [1, 3])]
    hand_over(part(1, 2, "elsewhere", to=neighbour.number.e164), secret)
    hand_over(part(2, 2, "b", 1), secret)
    assert texts() == ["lone", "ab"]
    clock.shift(WAIT)
    join_overdue_parts()
    assert sorted(texts()) == ["a", "a", "ab", "elsewhere", "lone"]
    assert {each.destination for each in Message.objects.exclude(text="elsewhere")} == {DID}
