"""The portal's last word counts while it is away, and for a moment (``ttl``) anyway."""

import pytest

from tests.support.leases import DID, make_lease
from tests.switch import scenarios
from tests.switch.kit import IMPATIENT
from tests.switch.sipp import header

pytestmark = pytest.mark.django_db
SUSPENDED = "+12125550102"


@pytest.fixture
def answered(trunk, phone, gateways):
    def call(caller=scenarios.ALICE):
        gateway = phone(scenarios.answers(), gateways[0])
        trunk(scenarios.call(DID, caller=caller))
        gateway.done()

    return call


def sources(switch, count):
    return [each["route_source"] for each in switch.records(count) if each["leg"] == "in"]


def test_a_route_is_kept_for_a_moment_and_for_one_caller(lease, answered, switch):
    answered()
    answered()
    answered(caller="<sip:+4930999999@127.0.0.1>")
    switch.forget()
    answered()
    assert sources(switch, 8) == ["portal", "cache", "portal", "portal"]


@IMPATIENT
def test_calls_go_on_while_the_portal_is_away(lease, answered, trunk, switch, frozen_portal):
    make_lease(SUSPENDED, status="suspended")
    answered()
    refused = trunk(scenarios.refused_call(SUSPENDED, 403)).received("SIP/2.0 403")
    assert header(refused, "X-Portal-Reason") == ["suspended"]
    switch.forget()
    with frozen_portal():
        answered()
        trunk(scenarios.refused_call(SUSPENDED, 403))
        never_seen = trunk(scenarios.refused_call("+12125550199", 503)).received("SIP/2.0 503")
    assert header(never_seen, "X-Portal-Reason") == ["portal_away"]
    assert header(never_seen, "Retry-After") == ["10"]
    assert sources(switch, 7) == ["portal", "portal", "stale", "stale", "portal"]


def test_a_refused_credential_is_no_reason_to_lose_calls(lease, answered, trunk, switch):
    from numbers.models import SwitchCredential

    answered()
    SwitchCredential.objects.update(scopes=["sms"])
    switch.forget()
    answered()
    assert sources(switch, 4) == ["portal", "stale"]
    assert "the portal does not answer" in (switch.folder / "kamailio.log").read_text()
