import pytest

from tests.guide_api.conftest import keys  # noqa: F401
from tests.projects.suspending import lease  # noqa: F401


@pytest.fixture
def starting_credit():
    return None
