"""Somebody who signed in ten minutes ago."""

import pytest

from tests.accounts import steps
from tests.support.people import totp

REAUTH, CODES, REPLACE = "/accounts/2fa/reauthenticate/", "/accounts/2fa/recovery-codes/", "/accounts/2fa/replace/"


def enter(client, device):
    steps.login(client)
    assert steps.submit(client, totp(device)).status_code == 302


@pytest.fixture
def ada(client, enrolled, clock):
    """Signed in ten minutes ago: no longer fresh."""
    _, device, _ = enrolled
    enter(client, device)
    clock.shift(600)
    return client


def confirm(client, device, url):
    return client.post(url, {"code": totp(device)})
