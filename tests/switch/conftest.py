"""A portal behind its carrier listener, a switch before it, and telephones on both sides."""

import os
import signal
from contextlib import contextmanager

import pytest
from django.db import connection

from numbers.carrier import credentials
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM
from sandbox.stand import Stand
from tests.support.leases import DID, NOW, make_lease
from tests.support.prices import set_price
from tests.support.projects import make_project
from tests.switch.kit import INSTALL, TARGET, Switch, free_port, missing
from tests.switch.sipp import Sipp


def pytest_collection_modifyitems(config, items):
    """Everything in this folder needs a switch. Elsewhere than in CI it is skipped without one."""
    lacking = missing()
    for item in items:
        if "switch" in item.path.parts:
            item.add_marker(pytest.mark.switch)
            if lacking and "CI" not in os.environ:
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(lacking)} ({INSTALL})"))


@pytest.fixture(scope="session")
def gateways():
    """Ports of the two gateways of PSTN_GATEWAYS."""
    return [free_port(), free_port()]


@pytest.fixture(scope="session")
def carrier(django_db_setup, gateways, tmp_path_factory):
    """The portal's carrier listener, as in production but for the targets that are allowed."""
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "SITE_URL": "http://127.0.0.1:8000",
        "PSTN_GATEWAYS": ",".join(f"127.0.0.1:{port}" for port in gateways),
        "SIP_DOMAIN": "sip.example.test",
        "SIP_PRIVATE_TARGETS": "1",
    }
    stand = Stand(tmp_path_factory.mktemp("carrier"), environment)
    try:
        stand.serve("carrier", workers=1)
        stand.wait("carrier")
        yield stand
    finally:
        stand.stop()


@pytest.fixture
def frozen_portal(carrier):
    """``with frozen_portal():`` it takes connections and says nothing."""
    group = carrier.processes["carrier"].pid

    @contextmanager
    def frozen():
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(group, signal.SIGCONT)

    return frozen


@pytest.fixture
def installed(request, transactional_db, carrier, tmp_path):
    """A switch that the portal knows as sw1, not started. Indirect parameter: seconds that it waits for the portal."""
    secret = credentials.create(switch_id="sw1", scopes=["routes", "cdrs"])[1]
    url = f"http://127.0.0.1:{carrier.ports['carrier']}/carrier/v1"
    switch = Switch(tmp_path, url, secret, timeout=getattr(request, "param", 10))
    yield switch
    switch.stop()


@pytest.fixture
def switch(installed):
    installed.start()
    return installed


@pytest.fixture
def lease(switch, settings):
    """A number whose calls are forwarded to TARGET, by the second and so that the credit pays for days."""
    settings.SIP_PRIVATE_TARGETS = True
    set_price("GB", "0.60", first_interval=1, next_interval=1)
    lease = make_lease(DID, make_project(credit="1000.00"))
    set_pstn(lease=lease, target=TARGET, by=SYSTEM, now=NOW)
    return lease


@pytest.fixture
def phone(tmp_path):
    """Starts something that waits for a call with a scenario; it is ready when this returns."""
    started = []

    def start(scenario, port=None, **given):
        started.append(Sipp(tmp_path, scenario, port=port, **given))
        return started[-1].ready()

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def trunk(tmp_path, switch):
    """Sends something to the switch and waits until it went as its scenario says."""

    def send(scenario, *, address="127.0.0.1", transport="u1", **given):
        to = f"[::1]:{switch.port}" if ":" in address else f"127.0.0.1:{switch.port}"
        sipp = Sipp(tmp_path, scenario, to=to, address=address, transport=transport, **given)
        try:
            return sipp.done()
        finally:
            sipp.stop()

    return send
