import pytest

from tests.support.leases import make_lease
from tests.support.receivers import receiver as running_receiver


@pytest.fixture
def loopback(settings):
    settings.WEBHOOK_PRIVATE_TARGETS = True


@pytest.fixture
def receiver(loopback):
    with running_receiver() as found:
        yield found


@pytest.fixture
def other_receiver(loopback):
    with running_receiver() as found:
        yield found


@pytest.fixture
def lease(project):
    return make_lease(project=project)
