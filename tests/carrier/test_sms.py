"""A gateway hands over a message in one of three ways: it is stored for whoever has the number, then answered."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from numbers.carrier import credentials
from numbers.messaging import keeping
from numbers.models import Message, MessagePart
from tests.carrier.sms import INBOUND, JASMIN, KANNEL, bearer, from_jasmin, from_kannel, hand_over, message
from tests.support.leases import DID, NOW, make_lease
from tests.support.projects import make_project
from tests.support.purchases import purchase_number

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def secret():
    return credentials.create(switch_id="gw1", scopes=["sms"])[1]


@pytest.fixture
def lease():
    return make_lease()


def test_a_message_is_stored_for_the_project_of_the_number(secret, lease):
    other = make_lease("+12125550102", make_project())
    response = hand_over(message(message_id="m1", text="Grüße €", received_at="2026-11-20T12:59:00Z"), secret)
    assert (response.status_code, response.json()) == (202, {"status": "stored"})
    stored = Message.objects.get()
    assert (stored.lease, stored.number, stored.project) == (lease, lease.number, lease.project)
    assert stored.project != other.project
    assert (stored.source, stored.destination, stored.text) == ("+442079460018", DID, "Grüße €")
    assert (stored.switch_id, stored.gateway_message_id, stored.smsc) == ("gw1", "m1", "smsc1")
    assert (stored.received_at, stored.sent_at) == (AT, datetime(2026, 11, 20, 12, 59, tzinfo=UTC))
    assert (stored.status, stored.parts, stored.missing_parts) == (Message.Status.NO_URL, 1, [])


def test_kannel_gets_an_empty_answer_and_jasmin_its_word(secret, lease):
    answer = from_kannel(secret)
    assert (answer.status_code, answer.content) == (200, b"")
    answer = from_jasmin(secret)
    assert (answer.status_code, answer.content) == (200, b"ACK/Jasmin")
    answer = from_jasmin(secret, in_address=True)
    assert (answer.status_code, answer.content) == (200, b"ACK/Jasmin")
    assert [each.text for each in Message.objects.all()] == ["Hello"] * 3


# -- sent again -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [hand_over, "kannel", "jasmin"])
def test_what_is_sent_again_is_stored_already(secret, lease, clock, way):
    def send():
        if way == "kannel":
            return from_kannel(secret, id="same")
        if way == "jasmin":
            return from_jasmin(secret, id="same")
        return hand_over(message(message_id="same"), secret)

    first = send()
    clock.shift(timedelta(days=6, hours=23))
    again = send()
    assert again.status_code == 200
    assert (again.json() == {"status": "already_stored"}) if way is hand_over else (again.content == first.content)
    assert Message.objects.count() == 1


def test_its_name_is_known_for_seven_days(secret, lease, clock):
    body = message()
    assert hand_over(body, secret).status_code == 202
    for past, status in ((timedelta(days=6, hours=23), 200), (timedelta(days=7, seconds=1), 202)):
        clock.move_to(AT + past)
        keeping.purge(now=AT + past)
        assert hand_over(body, secret).status_code == status


def test_an_idempotency_key_names_a_message_too(secret, lease):
    first = hand_over(message(message_id="1"), secret, **{"Idempotency-Key": "a"})
    again = hand_over(message(message_id="2", received_at="1795176000"), secret, **{"Idempotency-Key": "a"})
    other = hand_over(message(message_id="1"), secret, **{"Idempotency-Key": "b"})
    assert [each.status_code for each in (first, again, other)] == [202, 200, 202]
    assert Message.objects.count() == 2


def test_an_old_id_with_another_text_is_another_message(secret, lease):
    """A gateway that begins to count anew loses nothing."""
    for text in ("one", "two", "one"):
        hand_over(message(message_id="1", text=text), secret)
    assert sorted(each.text for each in Message.objects.all()) == ["one", "two"]


def test_gateways_count_each_for_itself(secret, lease):
    other = credentials.create(switch_id="gw2", scopes=["sms"])[1]
    for each in (secret, other):
        assert hand_over(message(message_id="1"), each).status_code == 202


def test_without_a_name_every_message_is_a_new_one(secret, lease):
    for _ in range(2):
        assert hand_over(message(message_id=None), secret).status_code == 202
    assert Message.objects.count() == 2


# -- whose number -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["12125550101", "+12125550101", " 12125550101", "0012125550101", "+1 (212) 555-0101"])
def test_the_number_in_the_spellings_of_gateways(secret, lease, to):
    assert hand_over(message(to=to), secret).status_code == 202
    assert from_kannel(secret, to=to).status_code == 200
    assert from_jasmin(secret, to=to).status_code == 200
    assert {each.destination for each in Message.objects.all()} == {DID}


def test_a_plus_that_became_a_blank(secret, lease):
    answer = Client().get(f"{KANNEL}?from=+442079460018&to=+12125550101&text=a+b%2Bc", headers=bearer(secret))
    assert answer.status_code == 200
    stored = Message.objects.get()
    assert (stored.source, stored.destination, stored.text) == ("+442079460018", DID, "a b+c")


@pytest.mark.parametrize(
    ("sender", "stored"),
    [
        ("442079460018", "+442079460018"),
        ("00442079460018", "+442079460018"),
        ("12345", "12345"),
        ("123456", "123456"),
        ("+12345", "+12345"),
        ("1234567", "+1234567"),
        ("Vox Bank", "Vox Bank"),
        ("Bank4122", "Bank4122"),
        ("Müller", "Müller"),
        ("07700900123", "07700900123"),
        ("", ""),
        ("a\x00\x07\ud800b", "ab"),
        ("x" * 999, "x" * 64),
    ],
)
def test_senders_are_numbers_names_or_short_codes(secret, lease, sender, stored):
    assert hand_over(message(sender=sender), secret).status_code == 202
    assert Message.objects.get().source == stored


def test_names_of_senders_in_latin_1(secret, lease):
    from_kannel(secret, sender="Müller".encode("latin-1"))
    from_kannel(secret, sender="Müller")
    assert {each.source for each in Message.objects.all()} == {"Müller"}


@pytest.mark.parametrize("to", ["+12125550199", "999", "Vox", "+", "9" * 400, "\x00"])
def test_a_number_that_nobody_has_is_unknown(secret, lease, to):
    for answer in (
        hand_over(message(to=to, part={"ref": 1, "total": 2, "no": 1}), secret),
        from_kannel(secret, to=to),
        from_jasmin(secret, to=to),
    ):
        assert (answer.status_code, answer.json()) == (404, {"error": "unknown_number"})
    assert not Message.objects.exists()
    assert not MessagePart.objects.exists()


def test_a_released_number_is_unknown_and_its_next_holder_gets_nothing_old(secret):
    make_lease(status="released")
    body = message(message_id="1")
    assert hand_over(body, secret).status_code == 404
    new = purchase_number(make_project(), DID, now=AT)
    assert hand_over(body, secret).status_code == 202  # what was refused left no key behind
    assert Message.objects.get().project == new.project


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("active", Message.Status.NO_URL),
        ("past_due", Message.Status.NO_URL),
        ("suspended", Message.Status.HELD),
    ],
)
def test_a_suspended_number_keeps_its_messages(secret, state, status):
    make_lease(status=state)
    assert hand_over(message(), secret).status_code == 202
    assert Message.objects.get().status == status


# -- what time --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-11-20T12:00:00Z", NOW),
        ("2026-11-20T14:00:00+02:00", NOW),
        ("2026-11-20 12:00", NOW),
        (NOW.timestamp(), NOW),
        (str(int(NOW.timestamp())), NOW),
        (int(NOW.timestamp() * 1000), NOW),
        ("yesterday", None),
        ("", None),
        (0, None),
        (-5, None),
        ("9" * 14, None),
        ("1e300", None),
        ("NaN", None),
        ("2026-11-22T00:00:00Z", None),
        ("1999-12-31", None),
        ("0001-01-01T00:00:00+23:00", None),
    ],
)
def test_when_it_was_sent_as_far_as_that_can_be(secret, lease, said, expected):
    assert hand_over(message(received_at=said), secret).status_code == 202
    assert from_kannel(secret, time=said).status_code == 200
    assert [each.sent_at for each in Message.objects.all()] == [expected] * 2


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (b"[]", 400, "bad_envelope"),
        (b'"x"', 400, "bad_envelope"),
        (message(text=["x"]), 400, "bad_envelope"),
        (message(to={"x": 1}), 400, "bad_envelope"),
        (message(sender=True), 400, "bad_envelope"),
        (message(to=None), 422, "missing_to"),
        (message(to=" "), 422, "missing_to"),
        (message(text=None, raw_hex="xyz"), 422, "bad_raw_hex"),
        (message(text=None, raw_hex="123"), 422, "bad_raw_hex"),
        (message(text="x" * 50_001), 413, "too_large"),
        (message(text="x" * 1001, part={"ref": 1, "total": 2, "no": 1}), 413, "too_large"),
        (message(text="x" * 1_000_001), 413, "too_large"),
    ],
)
def test_what_can_never_be_stored(secret, lease, body, status, code):
    answer = hand_over(body, secret)
    assert (answer.status_code, answer.json()) == (status, {"error": code})
    assert not Message.objects.exists()


def test_queries_and_forms_that_can_never_be_stored(secret, lease):
    for answer in (from_kannel(secret, to=None), from_jasmin(secret, to=None)):
        assert (answer.status_code, answer.json()) == (422, {"error": "missing_to"})
    assert from_jasmin(secret, b"x" * 100_001).json() == {"error": "too_large"}
    many = Client().get(f"{KANNEL}?{'a&' * 101}", headers=bearer(secret))
    assert (many.status_code, many.json()) == (400, {"error": "bad_envelope"})


def test_a_gateway_without_a_never_again_may_ask_for_200(secret, lease, caplog):
    for changes, code in (
        ({"to": "+12125550199"}, "unknown_number"),
        ({"to": None}, "missing_to"),
        ({"text": b"x" * 100_001}, "too_large"),
    ):
        answer = from_kannel(secret, **changes, refused="200")
        assert (answer.status_code, answer.content) == (200, b"")
        assert (caplog.records[-1].message, caplog.records[-1].code) == ("messages.refused", code)
    assert from_kannel("swk_" + "0" * 32, refused="200").status_code == 401
    assert from_kannel(secret, refused="200").status_code == 200
    assert Message.objects.count() == 1


@pytest.mark.parametrize("body", [message(text=""), message(text=None), message(text=12), message(smsc="s" * 999)])
def test_what_is_odd_is_stored_all_the_same(secret, lease, body):
    assert hand_over(body, secret).status_code == 202
    assert Message.objects.get().text == str(body.get("text", ""))


@pytest.mark.parametrize("scopes", [["routes"], ["cdrs"], ["routes", "cdrs"]])
def test_another_scope_is_not_enough(lease, scopes):
    secret = credentials.create(switch_id="gw9", scopes=scopes)[1]
    for answer in (hand_over(message(), secret), from_kannel(secret), from_jasmin(secret, in_address=True)):
        assert (answer.status_code, answer.json()) == (403, {"error": "scope_missing"})
    assert not Message.objects.exists()


@pytest.mark.parametrize("secret", ["swk_" + "0" * 64, "x", "%00", "é"])
def test_without_a_credential_nothing_is_stored(lease, secret):
    for answer in (
        hand_over(message(), secret),
        from_kannel(secret),
        from_jasmin(secret),
        from_jasmin(secret, in_address=True),
        Client().post(INBOUND, json.dumps(message()), content_type="application/json"),
    ):
        assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})
    assert not Message.objects.exists()


def test_methods_and_slashes(secret, lease):
    for path in (INBOUND, JASMIN, f"{JASMIN}/{secret}"):
        assert Client().get(path, headers=bearer(secret)).status_code == 405
    for method in ("post", "head"):
        assert getattr(Client(), method)(KANNEL, headers=bearer(secret)).status_code == 405
    assert hand_over(message(), secret, address=f"{INBOUND}/").status_code == 202
    assert from_kannel(secret, address=f"{KANNEL}/").status_code == 200
    assert from_jasmin(f"{secret}/", in_address=True).status_code == 200
    assert Message.objects.count() == 3


def test_basic_as_kannel_sends_it(secret, lease):
    shown = "Basic " + base64.b64encode(f"gw1:{secret}".encode()).decode()
    answer = Client().get(f"{KANNEL}?from=1&to={DID}&text=x", headers={"Authorization": shown})
    assert answer.status_code == 200


def test_one_message_costs_few_queries(secret, lease, django_assert_max_num_queries):
    hand_over(message(), secret)
    with django_assert_max_num_queries(10):
        hand_over(message(), secret)
    hand_over(message(part={"ref": 1, "total": 2, "no": 1}), secret)
    with django_assert_max_num_queries(14):
        hand_over(message(part={"ref": 1, "total": 2, "no": 2}), secret)
