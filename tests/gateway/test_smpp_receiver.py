"""The SMPP receiver acknowledges what the portal has stored, and nothing else."""

import struct

import pytest

from numbers.models import Message, SwitchCredential
from tests.gateway.messages import NOT_OURS, SENDER, TO, gsm, sms
from tests.gateway.smsc import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    INVALID_DESTINATION,
    OK,
    PERMANENT,
    RECEIPT,
    TEMPORARY,
    UDH,
    Mo,
    Smsc,
    until,
)
from tests.gateway.test_arrival import arrived
from tests.support.leases import make_lease

pytestmark = pytest.mark.django_db(transaction=True)


def texts():
    return sorted(Message.objects.values_list("text", flat=True))


def settled(smsc, *messages):
    smsc.take(*messages)
    return smsc.settled(*messages)


def test_what_came_while_the_portal_was_away_arrives_once(lease, customer_server, smsc, smpp, portal):
    first, second = sms("first"), sms("second")
    with portal.away():
        smsc.take(first, second)
        smsc.tried(first, 2)
        smsc.tried(second, 2)
    assert smsc.settled(first, second) == [OK, OK]
    assert set(first.statuses[:-1]) == {TEMPORARY}
    assert sorted(text for _, text in arrived(customer_server, 2)) == ["first", "second"]


def test_a_portal_that_stored_and_was_not_heard_stores_it_once(lease, smsc, installed, portal):
    """It takes the message while it is frozen, and answers when nobody waits any more."""
    installed.start(PORTAL_TIMEOUT="0.3")
    smsc.bound()
    with portal.frozen():
        message = smsc.take(sms("slow"))
        smsc.tried(message, 2)
        assert message.statuses[:2] == [TEMPORARY, TEMPORARY]
    assert smsc.settled(message) == [OK]
    assert texts() == ["slow"]


def test_an_answer_that_was_lost_with_its_connection(lease, smsc, smpp):
    smsc.cut_before_answer = 2
    assert settled(smsc, sms("once")) == [OK]
    assert len(smsc.binds) >= 3
    assert texts() == ["once"]


def test_killed_when_the_portal_has_it_and_the_smsc_has_no_answer(lease, smsc, installed, portal):
    installed.start()
    smsc.bound()
    with portal.frozen():
        message = smsc.take(sms("once"))
        until(lambda: portal.has_unread(), "the message to be on its way")
        installed.kill()
    until(lambda: texts() == ["once"], "the portal to store it")
    installed.start()
    assert smsc.settled(message) == [OK]
    assert message.statuses[0] is None
    assert texts() == ["once"]


def test_the_same_text_twice_is_two_messages(lease, smsc, smpp):
    assert settled(smsc, sms("OK"), sms("OK")) == [OK, OK]
    assert settled(smsc, sms("OK")) == [OK]
    until(lambda: smpp.open_keys() == 0, "the SMSC to have confirmed its answers")
    smsc.drop()
    smsc.bound(2)
    assert settled(smsc, sms("OK")) == [OK]
    assert texts() == ["OK"] * 4


def test_what_can_never_be_stored_is_refused_for_good(lease, smsc, smpp):
    assert settled(smsc, Mo(SENDER, NOT_OURS, gsm("x")), Mo(SENDER, "", gsm("x"))) == [INVALID_DESTINATION, PERMANENT]
    assert texts() == []
    make_lease("+" + NOT_OURS)
    assert settled(smsc, Mo(SENDER, NOT_OURS, gsm("x"))) == [OK]  # what was refused left no key behind


def test_a_refused_credential_loses_nothing(lease, smsc, smpp):
    SwitchCredential.objects.update(scopes=["routes"])
    message = smsc.take(sms("kept"))
    smsc.tried(message, 2)
    assert set(message.statuses) == {TEMPORARY}
    SwitchCredential.objects.update(scopes=["sms"])
    assert smsc.settled(message) == [OK]
    assert texts() == ["kept"]


def test_receipts_are_no_messages(lease, smsc, smpp):
    about = b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:"
    receipts = [Mo(SENDER, TO, about, esm_class=kind) for kind in (RECEIPT, 0x20)]
    assert settled(smsc, *receipts, sms("Hello")) == [OK] * 3
    assert texts() == ["Hello"]


def test_a_header_that_is_broken_is_text(lease, smsc, smpp):
    assert settled(smsc, Mo(SENDER, TO, b"\x40abc", esm_class=UDH), Mo(SENDER, TO, b"", esm_class=UDH)) == [OK, OK]
    assert texts() == ["", "¡abc"]


@pytest.mark.parametrize("body", [b"", b"\0" * 5, b"\xff" * 30, sms().body[:-3]])
def test_a_deliver_sm_that_cannot_be_read_is_refused(smsc, smpp, body, lease):
    class Broken(Mo):
        @property
        def body(self):
            return body

    assert settled(smsc, Broken(SENDER, TO, b""), sms()) == [PERMANENT, OK]
    assert texts() == ["Hello"]


def test_optional_parameters_that_are_broken_are_left_aside(lease, smsc, smpp):
    class Odd(Mo):
        @property
        def body(self):
            return super().body + struct.pack(">HH", 0x020C, 500) + b"x"

    assert settled(smsc, Odd(SENDER, TO, b"Hello")) == [OK]
    assert texts() == ["Hello"]


def test_no_more_than_the_window_wait_at_the_same_time(lease, smsc, installed, portal):
    installed.start(SMPP_WINDOW="3", PORTAL_TIMEOUT="1")
    smsc.bound()
    messages = [sms(f"{number:03}") for number in range(40)]
    with portal.frozen():
        smsc.take(*messages)
        for each in messages[:3]:
            smsc.tried(each)
        assert sum(bool(each.statuses) for each in messages) <= 6
    assert smsc.settled(*messages) == [OK] * 40
    assert texts() == [f"{number:03}" for number in range(40)]


def test_what_was_begun_is_finished_before_it_ends(lease, smsc, smpp, portal):
    with portal.frozen():
        message = smsc.take(sms("last"))
        until(lambda: portal.has_unread(), "the message to be on its way")
        smpp.processes["receiver"].terminate()
    assert smsc.settled(message) == [OK]
    assert smpp.stop() == 0
    assert texts() == ["last"]


@pytest.mark.parametrize(("how", "command"), [("receiver", BIND_RECEIVER), ("transceiver", BIND_TRANSCEIVER)])
def test_it_binds_as_the_carrier_wants(smsc, installed, how, command):
    installed.start(SMPP_BIND=how)
    smsc.bound()
    assert smsc.binds == [(command, "portal", True)]


def test_a_silent_smsc_is_left(smsc, installed):
    smsc.is_silent = True
    installed.start(SMPP_ENQUIRE_LINK="0.2")
    smsc.bound(2)
    assert "the SMSC is silent" in installed.logs()


def test_no_text_and_no_secret_is_logged(lease, smsc, installed, portal, secret):
    installed.start(SMPP_PASSWORD="canary-1")
    until(lambda: "refuses the bind" in installed.logs(), "the bind to be refused")
    installed.kill()
    installed.start()
    smsc.bound()
    with portal.away():
        message = smsc.take(sms("confidential"))
        smsc.tried(message)
    assert settled(smsc, message, Mo(SENDER, NOT_OURS, gsm("confidential")))
    for word in ("confidential", secret, smsc.password, "canary-1"):
        assert word not in installed.logs()


def test_check_says_what_is_wrong(smsc, installed, lease):
    code, said = installed.check()
    assert (code, "are right" in said) == (0, True)
    code, said = installed.check(PORTAL_SECRET="x", SMPP_PASSWORD="y")
    assert code == 1
    assert "The portal answers 401 unauthorized." in said
    assert "The SMSC refuses the bind: command_status 0x0000000E." in said
    other = Smsc()
    other.stop()
    code, said = installed.check(PORTAL_URL=f"http://127.0.0.1:{other.port}", SMPP_PORT=str(other.port))
    assert code == 1
    assert "The portal does not answer" in said
    assert "No connection to the SMSC" in said
    assert texts() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SMPP_HOST": ""}, "SMPP_HOST is missing."),
        ({"SMPP_PORT": "0"}, "SMPP_PORT is a number from 1 to 65535."),
        ({"SMPP_WINDOW": "many"}, "SMPP_WINDOW is a number from 1 to 100."),
        ({"SMPP_BIND": "transmitter"}, "SMPP_BIND is one of receiver, transceiver."),
        ({"PORTAL_URL": "portal.example"}, "PORTAL_URL is no http or https address."),
    ],
)
def test_settings_that_cannot_be_are_named(smsc, installed, changed, said):
    assert installed.check(**changed) == (2, f"ERROR {said}\n")
