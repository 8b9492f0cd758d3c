"""Calls ring the phones of app users, all at once."""

import pytest

from numbers.routing import services
from numbers.routing.route_settings import SecondStep
from projects.actor import SYSTEM
from tests.support.app_users import add_app_user
from tests.support.leases import DID, NOW
from tests.support.routes import set_fallback, set_ring_seconds
from tests.switch import scenarios
from tests.switch.kit import TARGET, free_port
from tests.switch.sipp import header

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(lease, trunk):
    """Adds an app user to the number, and registers a phone of theirs; its port."""
    domain = f"{lease.project.pid}.sip.example.test"
    passwords = {}

    def sign_in(username):
        if username not in passwords:
            passwords[username] = add_app_user(lease.project, username).password
            services.add_user(lease=lease, username=username, by=SYSTEM, now=NOW)
        port = free_port()
        trunk(scenarios.registers(username, domain, passwords[username], port))
        return port

    return sign_in


def test_two_users_ring_together_and_one_answers(signed_in, trunk, phone, switch):
    alice, bob = phone(scenarios.rings(), signed_in("alice")), phone(scenarios.answers(), signed_in("bob"))
    trunk(scenarios.call(DID))
    assert alice.done().received("INVITE").startswith(f"INVITE sip:alice@127.0.0.1:{alice.port} SIP/2.0")
    assert header(bob.done().received("INVITE"), "From")[0].startswith(scenarios.ALICE)
    (record,) = switch.records(1)
    assert (record["kind"], record["answered_by"], record["sip_code"]) == ("users", "bob", "200")


def test_every_phone_of_a_user_rings_and_a_decline_silences_nobody(signed_in, trunk, phone, switch):
    decliner = phone(scenarios.rejects(603, "Decline"), signed_in("alice"))
    first, second = phone(scenarios.rings(), signed_in("bob")), phone(scenarios.answers(), signed_in("bob"))
    trunk(scenarios.call(DID))
    for each in (decliner, first, second):
        each.done()
    assert [each["answered_by"] for each in switch.records(1)] == ["bob"]


def test_more_than_a_dozen_phones_ring(signed_in, trunk, phone, switch):
    """Kamailio's own limit is twelve; of these all but the last are switched off."""
    for username in ["alice"] * 10 + ["bob"] * 3:
        signed_in(username)
    last = phone(scenarios.answers(), signed_in("bob"))
    trunk(scenarios.call(DID))
    last.done()
    assert [each["answered_by"] for each in switch.records(1)] == ["bob"]


def test_only_those_who_are_registered_ring(lease, signed_in, trunk, phone, switch):
    add_app_user(lease.project, "absent")
    services.add_user(lease=lease, username="absent", by=SYSTEM, now=NOW)
    bob = phone(scenarios.answers(), signed_in("bob"))
    trunk(scenarios.call(DID))
    bob.done()
    assert [each["answered_by"] for each in switch.records(1)] == ["bob"]


def test_nobody_is_registered(lease, trunk, phone, gateways, switch):
    add_app_user(lease.project, "absent")
    services.add_user(lease=lease, username="absent", by=SYSTEM, now=NOW)
    reply = trunk(scenarios.refused_call(DID, 480)).received("SIP/2.0 480")
    assert header(reply, "X-Portal-Reason") == ["no_user_registered"]
    set_fallback(lease=lease, step=SecondStep(pstn=TARGET), by=SYSTEM, now=NOW)
    switch.forget()
    gateway = phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID))
    gateway.done()
    assert [(each["leg"], each["sip_code"]) for each in switch.records(3)] == [
        ("in", "480"),
        ("in", "200"),
        ("out", "200"),
    ]


def test_nobody_answers_and_the_second_step_does(lease, signed_in, trunk, phone, gateways, switch):
    set_ring_seconds(lease=lease, seconds=5, by=SYSTEM, now=NOW)
    set_fallback(lease=lease, step=SecondStep(pstn=TARGET), by=SYSTEM, now=NOW)
    phones = [phone(scenarios.rings(), signed_in(name)) for name in ("alice", "bob")]
    gateway = phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID))
    for each in (*phones, gateway):
        each.done()
    incoming, outgoing = switch.records(2)
    assert float(outgoing["start_time"]) - float(incoming["start_time"]) == pytest.approx(5, abs=1)
    assert (incoming["kind"], incoming["answered_by"]) == ("users", TARGET)


def test_registrations_outlive_a_kill_of_the_switch(signed_in, trunk, phone, switch):
    alice = phone(scenarios.answers(), signed_in("alice"))
    switch.kill()
    switch.start()
    trunk(scenarios.call(DID))
    alice.done()
    assert [each["answered_by"] for each in switch.records(1)] == ["alice"]
