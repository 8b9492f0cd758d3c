"""Somebody who guesses, from one network or many."""

import pytest
from django.test import Client

from tests.accounts import steps
from tests.support.people import totp

HOME, AWAY = "192.0.2.10", "198.51.100.20"


CAP = 15 * 60


def at(address, **extra):
    return Client(REMOTE_ADDR=address, **extra)


@pytest.fixture
def owner(enrolled, clock):
    """A browser in which the owner signed in once, and signed out."""
    _, device, _ = enrolled
    client = at(HOME)
    steps.login(client)
    assert steps.submit(client, totp(device)).status_code == 302
    client.post("/accounts/logout/")
    clock.shift(60)
    return client
