"""One call that a switch asks about."""

import pytest

from numbers.carrier import credentials
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM
from tests.carrier.switch import TARGET
from tests.support.leases import NOW, make_lease


@pytest.fixture
def switch():
    return credentials.create(switch_id="sw1", scopes=["routes"])


@pytest.fixture
def lease():
    return make_lease()


@pytest.fixture
def route(lease):
    return set_pstn(lease=lease, target=TARGET, by=SYSTEM, now=NOW)
