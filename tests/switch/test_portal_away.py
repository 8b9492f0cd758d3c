"""The portal's last word counts while it is away, and for a moment (``ttl``) anyway."""

import pytest

from numbers.models import Lease
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM
from tests.support.leases import NOW, make_lease
from tests.support.projects import make_project
from tests.switch import scenarios
from tests.switch.kit import IMPATIENT
from tests.switch.sipp import header

pytestmark = pytest.mark.django_db
DID, SUSPENDED, TARGET = "+12125550101", "+12125550102", "+442079460018"


@pytest.fixture
def leases(switch):
    project = make_project(credit="100.00")
    for did in (DID, SUSPENDED):
        set_pstn(lease=make_lease(did, project), target=TARGET, by=SYSTEM, now=NOW)
    Lease.objects.filter(number__e164=SUSPENDED).update(
        status="suspended", past_due_since=NOW, suspends_at=NOW, releases_at=NOW
    )


@pytest.fixture
def answered(trunk, phone, gateways):
    def call(caller=scenarios.ALICE):
        gateway = phone(scenarios.answers(), gateways[0])
        trunk(scenarios.call(DID, caller=caller))
        gateway.done()

    return call


def sources(switch, count):
    return [each["route_source"] for each in switch.records(count) if each["leg"] == "in"]


def test_a_route_is_kept_for_a_moment_and_for_one_caller(leases, answered, switch):
    answered()
    answered()
    answered(caller="<sip:+4930999999@127.0.0.1>")
    switch.forget()
    answered()
    assert sources(switch, 8) == ["portal", "cache", "portal", "portal"]


@IMPATIENT
def test_calls_go_on_while_the_portal_is_away(leases, answered, trunk, switch, portal_away):
    answered()
    refused = trunk(scenarios.refused_call(SUSPENDED, 403)).received("SIP/2.0 403")
    assert header(refused, "X-Portal-Reason") == ["suspended"]
    portal_away()
    answered()
    trunk(scenarios.refused_call(SUSPENDED, 403))
    never_seen = trunk(scenarios.refused_call("+12125550199", 503)).received("SIP/2.0 503")
    assert header(never_seen, "X-Portal-Reason") == ["portal_away"]
    assert header(never_seen, "Retry-After") == ["10"]
    assert sources(switch, 7) == ["portal", "portal", "stale", "stale", "portal"]


def test_a_refused_credential_is_no_reason_to_lose_calls(leases, answered, trunk, switch):
    from numbers.models import SwitchCredential

    answered()
    SwitchCredential.objects.update(scopes=["sms"])
    switch.forget()
    answered()
    assert sources(switch, 4) == ["portal", "stale"]
    assert "the portal does not answer" in (switch.folder / "kamailio.log").read_text()
