import threading

import pytest

from portal.outbound.client import Courier
from tests.outbound.certificates import Authority

LOOPBACK = {"hooks.example.com": ["127.0.0.1"]}


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def reachable(settings):
    """Servers of tests are on this machine."""
    settings.WEBHOOK_PRIVATE_TARGETS = True


@pytest.fixture
def couriers(reachable, authority):
    """Makes couriers that end with the test; ``hooks.example.com`` is this machine."""
    made = []

    def make(look_up=LOOPBACK.__getitem__, **kwargs):
        made.append(Courier(look_up=look_up, ca_file=authority.ca_file, **kwargs).__enter__())
        return made[-1]

    yield make
    for each in made:
        each.__exit__(None, None, None)


class Gate:
    """A look-up that hangs for some names until it is opened."""

    def __init__(self):
        self.open, self.asked = threading.Event(), []

    def __call__(self, host):
        self.asked.append(host)
        if host.startswith("hangs"):
            self.open.wait(60)
        return ["127.0.0.1"]


@pytest.fixture
def gate():
    made = Gate()
    yield made
    made.open.set()
