import pytest

from tests.support.leases import make_lease


@pytest.fixture
def lease():
    return make_lease()
