"""What the database itself holds of messages."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from numbers.messaging import message_ids
from numbers.messaging.models import Message, MessageKey, MessagePart
from tests.messaging.messages import AT, make_message
from tests.support.leases import make_lease

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("message_status", {"status": "gone"}),
        ("message_encoding", {"encoding": "ebcdic"}),
        ("message_missing_parts", {"parts": 0}),
        ("message_parts", {"parts": 256}),
        ("message_missing_parts", {"parts": 2, "missing_parts": [1, 2]}),
        ("message_body_cleared", {"text": None}),
        ("message_body_cleared", {"body_cleared_at": AT}),
        ("null value", {"project": None}),
        ("null value", {"lease": None}),
        ("null value", {"number": None}),
    ],
)
def test_rules_of_a_message(constraint, values):
    lease = make_lease()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_message(lease, **values)


def test_a_message_waits_and_is_whole_unless_said_otherwise():
    message = Message.objects.get(pk=make_message(make_lease()).pk)
    assert (message.status, message.parts, message.missing_parts) == (Message.Status.WAITING, 1, [])


def test_a_key_is_there_once():
    MessageKey.objects.create(switch_id="gw1", digest=b"1", purge_after=AT)
    MessageKey.objects.create(switch_id="gw2", digest=b"1", purge_after=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        MessageKey.objects.bulk_create([MessageKey(switch_id="gw1", digest=b"1", purge_after=AT)])


def make_part(lease, **values):
    usual = {
        "lease": lease, "source": "x", "destination": lease.number.e164, "reference": "1", "total": 2, "no": 1,
        "content": b"x", "alphabet": Message.Encoding.GSM7, "encoding": Message.Encoding.GSM7, "switch_id": "gw1",
        "received_at": AT, "waiting_since": AT,
    }  # fmt: skip
    return MessagePart.objects.create(**usual | values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("message_part_no", {"no": 0}),
        ("message_part_no", {"no": 3}),
        ("message_part_no", {"total": 256}),
        ("message_part_alphabet", {"alphabet": "x"}),
        ("message_part_encoding", {"encoding": "x"}),
    ],
)
def test_rules_of_a_part(constraint, values):
    lease = make_lease()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_part(lease, **values)


def test_a_part_is_in_its_group_once():
    lease, group = make_lease(), uuid4()
    make_part(lease, group=group)
    make_part(lease, group=group, no=2)
    make_part(lease)
    with pytest.raises(IntegrityError, match="one_part_of_a_number_in_a_group"), transaction.atomic():
        make_part(lease, group=group)


def test_a_message_id_tells_when_it_was_received():
    at = AT + timedelta(microseconds=1999)
    made = {message_ids.new(at) for _ in range(1000)}
    assert len(made) == 1000
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
    since = AT + timedelta(milliseconds=1)
    assert {message_ids.received_between(each) for each in made} == {(since, since + timedelta(milliseconds=1))}
    assert message_ids.new(AT) < message_ids.new(at)


@pytest.mark.parametrize("nonsense", [uuid4(), UUID(int=2**128 - 1), UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")])
def test_an_id_of_elsewhere_tells_nothing(nonsense):
    assert message_ids.received_between(nonsense) is None
