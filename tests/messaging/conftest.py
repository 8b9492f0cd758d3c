import pytest

from tests.support.receivers import receiver as running_receiver


@pytest.fixture
def receiver(settings):
    """A customer's server, at an address that only tests may use."""
    settings.WEBHOOK_PRIVATE_TARGETS = True
    with running_receiver() as found:
        yield found
