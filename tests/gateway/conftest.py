"""A carrier's message centre, the gateways of deploy/, the portal behind its carrier listener, a customer's server."""

import os
import re
import signal
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from numbers.carrier import credentials
from numbers.messaging.services import change_project
from projects.actor import SYSTEM
from sandbox.stand import Stand
from tests.gateway.kit import INSTALL, Kannel, SmppReceiver, missing
from tests.gateway.smsc import Smsc
from tests.support.leases import DID, make_lease
from tests.support.receivers import receiver


def pytest_collection_modifyitems(config, items):
    """What needs Kannel is skipped without it, elsewhere than in CI."""
    lacking = missing()
    for item in items:
        if "gateway" in item.path.parts:
            item.add_marker(pytest.mark.gateway)
            if lacking and "CI" not in os.environ and "kannel" in item.fixturenames:
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(lacking)} ({INSTALL})"))


class Portal:
    """Its carrier listener, as in production."""

    def __init__(self, stand):
        self.stand = stand
        self.serve()

    def serve(self):
        self.stand.serve("carrier", workers=1)
        self.stand.wait("carrier")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.stand.ports['carrier']}"

    def log(self):
        return (self.stand.folder / "carrier.log").read_text()

    def has_unread(self):
        """Whether somebody sent something that it has not read (/proc/net/tcp: state 01, receive queue)."""
        unread = rf" \w+:{self.stand.ports['carrier']:04X} \w+:\w+ 01 \w+:0*[1-9A-F]"
        return re.search(unread, Path("/proc/net/tcp").read_text()) is not None

    def _signal(self, number):
        os.killpg(self.stand.processes["carrier"].pid, number)

    @contextmanager
    def away(self):
        """Killed, and started again afterwards."""
        self._signal(signal.SIGKILL)
        self.stand.processes["carrier"].wait()
        try:
            yield
        finally:
            self.serve()

    @contextmanager
    def frozen(self):
        """It takes connections and says nothing."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def portal(django_db_setup, tmp_path_factory):
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "SITE_URL": "http://127.0.0.1:8000",
        "LOG_LEVEL": "INFO",
    }
    stand = Stand(tmp_path_factory.mktemp("portal"), environment)
    try:
        yield Portal(stand)
    finally:
        stand.stop()


@pytest.fixture
def customer_server():
    with receiver() as server:
        yield server


@pytest.fixture
def lease(transactional_db, settings, customer_server):
    """DID, whose messages go to the customer's server."""
    settings.WEBHOOK_PRIVATE_TARGETS = True
    lease = make_lease(DID)
    url = customer_server.url
    change_project(project=lease.project, change=lambda kept: replace(kept, url=url), by=SYSTEM, now=timezone.now())
    return lease


@pytest.fixture
def smsc():
    smsc = Smsc()
    yield smsc
    smsc.stop()


@pytest.fixture
def secret(transactional_db):
    return credentials.create(switch_id="gw1", scopes=["sms"])[1]


@pytest.fixture
def kannel(portal, secret, smsc, tmp_path):
    """Running and bound."""
    kannel = Kannel(tmp_path, portal.url, secret, smsc)
    kannel.start()
    smsc.bound()
    yield kannel
    kannel.kill()


@pytest.fixture
def installed(portal, secret, smsc, tmp_path):
    """The SMPP receiver, not started."""
    receiver = SmppReceiver(tmp_path, portal.url, secret, smsc)
    yield receiver
    receiver.kill()


@pytest.fixture
def smpp(installed, smsc):
    """Running and bound."""
    installed.start()
    smsc.bound()
    return installed
