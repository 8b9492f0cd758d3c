from types import SimpleNamespace

import pytest
from django.test import Client

from projects import tokens
from projects.actor import SYSTEM
from tests.support.projects import make_project


@pytest.fixture
def keys(db):
    """A project with credit, and its keys as a client sends them."""
    project = make_project(credit="100.00")
    token = tokens.reveal(project=project, slot="primary", by=SYSTEM)
    return SimpleNamespace(
        project=project, pid=project.pid, token=token, sent={"projectid": project.pid, "authtoken": token}
    )


@pytest.fixture
def client():
    """Exceptions become answers, as in production; the tests look at the answers."""
    return Client(raise_request_exception=False)
