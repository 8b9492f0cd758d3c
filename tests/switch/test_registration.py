"""App users register at the switch with the SIP passwords that the portal gave them."""

import pytest

from projects.actor import SYSTEM
from projects.app_users import services
from tests.support.app_users import NOW, add_app_user
from tests.support.projects import make_project
from tests.switch import scenarios
from tests.switch.kit import IMPATIENT, free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(switch):
    return add_app_user(make_project(), "alice")


@pytest.fixture
def domain(alice):
    return f"{alice.app_user.project.pid}.sip.example.test"


def contacts(switch, domain, username="alice"):
    """Where the switch would ring somebody; "" for nowhere."""
    answer = switch.command("ul.lookup", "location", f"{username}@{domain}", check=False).stdout
    return "" if "AOR not found" in answer else answer


def test_a_phone_registers_in_any_case_of_its_name(alice, domain, trunk, switch):
    for username, port in (("alice", free_port()), ("Alice", free_port())):
        trunk(scenarios.registers(username, domain, alice.password, port))
        assert f"sip:{username}@127.0.0.1:{port}" in contacts(switch, domain)


def test_wrong_passwords_close_the_door_for_that_user_alone(alice, domain, trunk, switch):
    bob = add_app_user(alice.app_user.project, "bob")
    for _ in range(10):
        trunk(scenarios.refused_registration("alice", domain, "wrong", 401))
    trunk(scenarios.refused_registration("alice", domain, alice.password, 403))
    trunk(scenarios.registers("bob", domain, bob.password, free_port()))
    assert contacts(switch, domain) == ""
    assert "sip:bob@" in contacts(switch, domain, "bob")


def test_nobody_registers_with_anothers_password_or_in_a_foreign_domain(alice, domain, trunk, switch):
    foreign = make_project()
    trunk(scenarios.refused_registration("nobody", domain, alice.password, 401))
    trunk(scenarios.refused_registration("alice", f"{foreign.pid}.sip.example.test", alice.password, 401))
    trunk(scenarios.refused_registration("alice", "other.test", None, 404))
    as_bob = scenarios.refused_registration("bob", domain, alice.password, 401)
    trunk(as_bob.replace("[authentication username=bob", "[authentication username=alice"))
    assert contacts(switch, domain) == contacts(switch, domain, "bob") == ""


def test_a_new_password_and_a_deactivation_count(alice, domain, trunk, switch):
    trunk(scenarios.registers("alice", domain, alice.password, free_port()))
    new = services.reset_password(app_user=alice.app_user, by=SYSTEM, now=NOW).password
    trunk(scenarios.refused_registration("alice", domain, new, 401))  # the old one may be kept for a minute …
    trunk(scenarios.registers("alice", domain, new, free_port()))  # … and is asked anew after a wrong one
    services.deactivate(app_user=alice.app_user, by=SYSTEM, now=NOW)
    switch.forget()
    trunk(scenarios.refused_registration("alice", domain, new, 401))


@IMPATIENT
def test_phones_stay_registered_while_the_portal_is_away(alice, domain, trunk, switch, frozen_portal):
    trunk(scenarios.registers("alice", domain, alice.password, free_port()))
    switch.forget()
    port = free_port()
    with frozen_portal():
        trunk(scenarios.registers("alice", domain, alice.password, port))
        trunk(scenarios.refused_registration("bob", domain, "unknown", 503))
    assert f":{port}" in contacts(switch, domain)
