"""Calls of a number are routed by whoever holds it now, and by nobody else."""

import pytest

from numbers.models import CallRoute, Lease, Number
from projects import tokens
from projects.actor import SYSTEM
from tests.support.leases import DID, NOW, make_lease
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db
TARGET = "+442079460018"


def route(client, sent):
    answer = client.post("/api/callrouting", sent | {"calltype": "3", "number": DID, "pstn_number": TARGET})
    return answer.status_code, answer.json()["data"].get("error")


@pytest.mark.parametrize("status", Lease.LIVE)
def test_a_number_that_the_project_holds(status, client, keys):
    make_lease(project=keys.project, status=status)
    assert route(client, keys.sent) == (200, None)
    assert CallRoute.objects.get().pstn_target == TARGET


def test_a_number_that_it_held(client, keys):
    make_lease(project=keys.project, status="released")
    assert route(client, keys.sent) == (401, "number_not_yours")


def test_a_number_of_another_project_or_of_nobody(client, keys):
    other = make_project(credit=10)
    make_lease(project=other)
    assert route(client, keys.sent) == (401, "number_not_yours")
    Number.objects.update(status="available")
    Lease.objects.update(status="released", ended_at=NOW)
    assert route(client, keys.sent) == (401, "number_not_yours")
    theirs = {"projectid": other.pid, "authtoken": tokens.reveal(project=other, slot="primary", by=SYSTEM)}
    assert route(client, theirs) == (401, "number_not_yours")
    assert not CallRoute.objects.exists()
