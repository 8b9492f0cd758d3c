"""Calls that ring nobody: the trunk hears why, and the call record says it too."""

import pytest

from numbers.models import Lease, Number
from tests.support.leases import DID, NOW, make_lease
from tests.switch import scenarios
from tests.switch.kit import TARGET
from tests.switch.sipp import header

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(trunk):
    """The reply to a call that is refused with a code, and its two reasons."""

    def call(code, **given):
        reply = trunk(scenarios.refused_call(given.pop("called", DID), code, **given)).received(f"SIP/2.0 {code}")
        return header(reply, "Reason") + header(reply, "X-Portal-Reason")

    return call


def test_a_number_that_nobody_has(switch, refused):
    assert refused(404) == ["Q.850;cause=1", "unknown_number"]
    assert refused(484, called="0123") == refused(484, called="help") == []
    assert switch.rows() == []  # nobody's calls


def test_a_released_number(lease, switch, refused):
    Lease.objects.update(status="released", ended_at=NOW)
    Number.objects.update(status="quarantined")
    assert refused(410) == ["Q.850;cause=22", "released"]
    assert switch.rows() == []


def test_a_suspended_number(lease, switch, refused):
    Lease.objects.update(status="suspended", past_due_since=NOW, suspends_at=NOW, releases_at=NOW)
    assert refused(403) == ["Q.850;cause=21", "suspended"]
    (record,) = switch.records(1)
    assert {key: record[key] for key in ("leg", "did", "caller", "sip_code", "hangup_by", "route_source")} == {
        "leg": "in",
        "did": DID,
        "caller": "+4930123456",
        "sip_code": "403",
        "hangup_by": "switch",
        "route_source": "portal",
    }
    assert "answer_time" not in record


def test_a_number_without_a_setting(switch, refused):
    make_lease(DID)
    assert refused(480) == ["Q.850;cause=20", "not_configured"]
    assert [each["sip_code"] for each in switch.records(1)] == ["480"]


def test_no_gateway_answers(lease, switch, refused):
    assert refused(502) == ["Q.850;cause=27", "unreachable"]
    assert [(each["leg"], each["sip_code"]) for each in switch.records(3)] == [
        ("out", "502"),
        ("out", "502"),
        ("in", "502"),
    ]


def test_a_call_that_we_sent_ourselves(lease, switch, refused):
    own = f"Diversion: <sip:{DID}@sip.example.test>;reason=unconditional"
    foreign = "Diversion: <sip:+15550009999@trunk.example.test>;reason=unconditional"
    assert refused(482, headers=[foreign, own]) == ["Q.850;cause=25", "loop"]
    assert [each["sip_code"] for each in switch.records(1)] == ["482"]


def test_whoever_is_no_trunk(lease, switch, trunk):
    reply = trunk(scenarios.refused_call(DID, 403), address="127.0.0.2").received("SIP/2.0 403")
    assert header(reply, "X-Portal-Reason") == []
    assert switch.rows() == []


def test_a_route_header_makes_nobodys_relay_of_it(lease, switch, trunk, phone, gateways):
    bait = phone(scenarios.rejects(486), gateways[0])
    scenario = scenarios.refused_call(f"{TARGET}", 481).replace(
        f"INVITE sip:{TARGET}@[remote_ip]:[remote_port]", f"INVITE sip:{TARGET}@127.0.0.1:{gateways[0]}"
    )
    scenario = scenario.replace("Max-Forwards: 70", "Route: <sip:127.0.0.1:[remote_port];lr>\nMax-Forwards: 70", 1)
    scenario = scenario.replace(
        f"To: <sip:{TARGET}@[remote_ip]:[remote_port]>", f"To: <sip:{TARGET}@[remote_ip]:[remote_port]>;tag=1"
    )
    trunk(scenario)
    assert bait.heard() == ""
