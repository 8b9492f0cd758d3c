"""The demo's switch: a pretend call asks the portal, and what it reports stands on the Calls page."""

from datetime import UTC, datetime

import pytest

from numbers.carrier import credentials
from numbers.models import CallRecord
from numbers.routing import services
from numbers.routing.route_settings import SipServer
from projects.actor import SYSTEM
from sandbox.switch.calls import Portal, PretendCall
from tests.support.leases import DID, NOW, make_lease
from tests.support.prices import set_price
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lease():
    set_price()
    return make_lease(project=make_project(credit="10"))


@pytest.fixture
def portal(live_server):
    _, secret = credentials.create(switch_id="demo-switch", scopes=["routes", "cdrs"])
    return Portal(live_server.url, "demo-switch", secret)


def call(portal, ending="answered", seconds=30):
    return PretendCall(DID, "+442079460001", ending, seconds).make(portal)


def records():
    return {row.direction: row for row in CallRecord.objects.all()}


def test_a_call_to_a_phone_has_two_legs(portal, lease):
    services.set_pstn(lease=lease, target="+442079460018", by=SYSTEM, now=NOW)
    made = call(portal)
    assert (made.status, made.reported["accepted"]) == (200, 2)
    found = records()
    assert (found["in"].status, found["in"].duration, found["in"].lease) == ("answered", 30, lease)
    assert (found["out"].target, found["out"].kind) == ("+442079460018", "pstn")


@pytest.mark.parametrize(
    ("ending", "status"), [("busy", "busy"), ("nobody", "no_answer"), ("cancelled", "cancelled"), ("down", "failed")]
)
def test_how_calls_end(portal, lease, ending, status):
    services.set_sip(lease=lease, server=SipServer("203.0.113.9", 5060), by=SYSTEM, now=NOW)
    call(portal, ending)
    assert records()["in"].status == status


def test_a_refused_call_is_reported_too(portal, lease):
    made = call(portal)
    assert made.lines[0] == "The portal refuses the call: 404 not_configured"
    assert records()["in"].start_time.date() == datetime.now(UTC).date()


def test_the_portal_away(lease):
    made = call(Portal("http://127.0.0.1:9", "demo-switch", "x"))
    assert made.lines[0] == "The portal refuses the call: 0 portal_away"
