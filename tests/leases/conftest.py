import pytest


@pytest.fixture
def starting_credit():
    return "1000"
