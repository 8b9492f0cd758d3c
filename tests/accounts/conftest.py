import pytest

from tests.accounts import steps
from tests.factories import make_user


@pytest.fixture
def user(db):
    return make_user(email=steps.EMAIL)


@pytest.fixture
def enrolled(db):
    """(user, authenticator, recovery codes)"""
    return steps.enrolled_person()
