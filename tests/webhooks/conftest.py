import pytest

from tests.support.receivers import receiver as running_receiver


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.WEBHOOK_PRIVATE_TARGETS = True


@pytest.fixture
def receiver():
    with running_receiver() as found:
        yield found


@pytest.fixture
def other_receiver():
    with running_receiver() as found:
        yield found
