"""One call that a switch asks about."""

import pytest

from numbers.carrier import credentials
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM
from tests.carrier.switch import TARGET
from tests.support.leases import NOW, make_lease
from tests.support.prices import set_price
from tests.support.projects import make_project


@pytest.fixture
def switch():
    return credentials.create(switch_id="sw1", scopes=["routes"])


@pytest.fixture
def lease():
    """Of a project with 10 USD."""
    return make_lease(project=make_project(credit="10"))


@pytest.fixture
def route(lease):
    """To a British phone; a minute costs 2 cents."""
    set_price()
    return set_pstn(lease=lease, target=TARGET, by=SYSTEM, now=NOW)
