import pytest
import time_machine

from tests.accounts import steps
from tests.accounts.fresh import ada  # noqa: F401
from tests.accounts.guessing import owner  # noqa: F401
from tests.support.people import make_user


@pytest.fixture
def user(db):
    return make_user(email=steps.EMAIL)


@pytest.fixture
def enrolled(db):
    """(user, authenticator, recovery codes)"""
    return steps.enrolled_person()


@pytest.fixture
def clock():
    """Time stands still at NOON, and moves with ``clock.shift(seconds)``."""
    with time_machine.travel(steps.NOON, tick=False) as traveller:
        yield traveller
