"""The web servers of all classes behind the front, on the test's own database and broker."""

import os
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client as Browser

from numbers.routing.services import set_pstn
from projects import tokens
from projects.actor import SYSTEM
from sandbox.attacks import Client
from sandbox.stand import Stand, standing
from tests.support.inventory import make_number
from tests.support.leases import NOW, make_lease
from tests.support.people import make_user, sign_in
from tests.support.prices import set_price
from tests.support.projects import make_project
from tests.support.switches import switch_secret

ROUTED = "+13105550101"  # beside the serial numbers of the factory
HASHED = "js/page.0123456789ab.js"


def environment():
    database = connection.settings_dict
    return os.environ | {
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "SITE_URL": "http://127.0.0.1:8000",
        "SITE_NAME": "Acme Numbers",
        "DOCUMENT_MAX_MB": "3",
        "SUPPORT_EMAIL": "help@acme.example",
        "FAILED_KEYS_PER_MINUTE": "5",
        "LIST_NUMBERS_PER_MINUTE": "0",
    }


@pytest.fixture(scope="session")
def static(tmp_path_factory):
    folder = tmp_path_factory.mktemp("static")
    (folder / "js").mkdir()
    (folder / HASHED).write_text("page();")
    (folder / f"{HASHED}.gz").write_bytes(b"packed")
    (folder / "plain.js").write_text("plain();")
    (folder / "large.bin").write_bytes(bytes(4_000_000))
    return folder


@pytest.fixture(scope="session")
def servers(django_db_setup, static, tmp_path_factory):
    with standing(tmp_path_factory.mktemp("stand"), environment(), static, people=2, rest=1, carrier=1) as stand:
        yield stand


@pytest.fixture
def stand(servers, transactional_db):
    return servers


@contextmanager
def alone(folder, static):
    """The port of a front that finds no application behind it. Its log is in ``folder``."""
    stand = Stand(folder, environment())
    try:
        stand.serve_front(static)
        stand.answers("front", "/static/plain.js")
        yield stand.ports["front"]
    finally:
        stand.stop()


@pytest.fixture
def lonely_front(static, tmp_path):
    with alone(tmp_path, static) as port:
        yield port


@pytest.fixture
def world(stand):
    """A project with credit and numbers, a session, a switch; and eight ordinary clients."""
    user = make_user()
    project = make_project(user, credit="1000.00")
    numbers = [make_number() for _ in range(30)]
    browser = sign_in(Browser(), user)
    token = tokens.reveal(project=project, slot="primary", by=SYSTEM)
    secret = switch_secret()
    set_price()
    set_pstn(lease=make_lease(ROUTED, project), target="+442079460018", by=SYSTEM, now=NOW)
    session = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}", "HX-Request": "true"}
    ports = stand.ports
    clients = [
        *(
            Client("people", ports["front"], f"/projects/{project.pid}/numbers/buy/results/?country=US", session)
            for _ in range(4)
        ),
        *(Client("rest", ports["front"], "/listnewnumbers?country=US&limit=0,20&number_type=DID") for _ in range(2)),
        Client("carrier", ports["carrier"], f"/carrier/v1/routes/{ROUTED}", {"Authorization": f"Bearer {secret}"}),
        Client("health", ports["front"], "/healthz"),
    ]
    return SimpleNamespace(
        project=project, user=user, numbers=numbers, session=session, token=token, clients=clients, switch=secret
    )
