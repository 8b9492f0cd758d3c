"""Strangers cannot fill somebody's mailbox with our mails, nor keep the ones away that its owner asks for."""

import pytest
from django.core import mail
from django.test import Client

from tests.accounts import steps

pytestmark = pytest.mark.django_db
FORM = "/accounts/password/reset/"


def flood(addresses, clock, *, network="198.51.100.20", apart=4):
    """Asks for a reset for each, ``apart`` seconds from one to the next; the statuses of the answers."""
    statuses = []
    for address in addresses:
        statuses.append(steps.reset_mail(Client(REMOTE_ADDR=network), address).status_code)
        clock.shift(apart)
    return statuses


@pytest.mark.parametrize(
    "spelling",
    ["ada+{0}@customer.example", "ADA+{0}@Customer.Example", "ada+{0}+x@customer.example", "ada+{0}@CUSTOMER.example"],
)
def test_by_adding_to_the_address(enrolled, clock, spelling):
    flood([spelling.format(n) for n in range(40)], clock)
    assert len(mail.outbox) == 1
    steps.reset_mail(Client())  # the owner
    assert mail.outbox[-1].to == [steps.EMAIL]
    assert steps.link("password/reset/key")


def test_an_address_without_account_gets_one_an_hour(clock):
    flood(["nobody@customer.example"] * 5, clock, apart=30)
    assert len(mail.outbox) == 1
    flood(["somebody@customer.example"], clock)
    assert len(mail.outbox) == 2
    clock.shift(3600)
    flood(["nobody@customer.example"], clock)
    assert len(mail.outbox) == 3


def test_an_account_gets_six_an_hour_and_each_is_good(enrolled, clock):
    flood([steps.EMAIL] * 20, clock, apart=60)
    assert len(mail.outbox) == 6
    assert Client().get(steps.link("password/reset/key", mail.outbox[0])).status_code == 302
    clock.shift(3600)
    flood([steps.EMAIL], clock)
    assert len(mail.outbox) == 7


@pytest.mark.parametrize(("form", "most"), [(FORM, 60), ("/accounts/confirm-email/resend/", 60)])
def test_a_network_asks_for_sixty_an_hour(clock, form, most):
    def ask(n, network="198.51.100.20"):
        clock.shift(7)
        return Client(REMOTE_ADDR=network).post(form, {"email": f"somebody{n}@customer.example"}).status_code

    statuses = [ask(n) for n in range(most + 5)]
    assert statuses == [302] * most + [429] * 5
    assert ask(0, "192.0.2.10") == 302
