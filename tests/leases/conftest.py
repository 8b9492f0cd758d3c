import pytest

from tests.leases.bulk import leases  # noqa: F401
from tests.leases.released import lease  # noqa: F401
from tests.leases.stock import stock  # noqa: F401


@pytest.fixture
def starting_credit():
    return "1000"
