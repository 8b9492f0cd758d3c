"""Calls that are forwarded to a phone (PSTN), through the gateways of the installation."""

import pytest

from tests.support.leases import DID
from tests.switch import scenarios
from tests.switch.kit import TARGET
from tests.switch.sipp import header

pytestmark = pytest.mark.django_db


def test_the_called_party_sees_the_number(lease, trunk, phone, gateways, switch):
    gateway = phone(scenarios.answers(), gateways[0])
    foreign = [
        "P-Asserted-Identity: <sip:+15550009999@trunk.example.test>",
        "Diversion: <sip:+15550009999@trunk.example.test>;reason=unconditional",
        "X-Portal-DID: +15550009999",
        "X-Anything: 1",
    ]
    caller = trunk(scenarios.call(DID, headers=foreign))
    invite = gateway.done().received("INVITE")
    identity = f"<sip:{DID}@sip.example.test>"
    assert invite.startswith(f"INVITE sip:{TARGET}@127.0.0.1:{gateways[0]} SIP/2.0")
    assert [value.partition(";")[0] for value in header(invite, "From")] == [identity]
    assert header(invite, "P-Asserted-Identity") == [identity]
    assert header(invite, "Diversion") == [f"{identity};reason=unconditional"]
    assert header(invite, "X-[^:]*") == []
    assert header(caller.received("SIP/2.0 200"), "From")[0].startswith(scenarios.ALICE)  # to the caller he is himself
    incoming, outgoing = switch.records(2)
    assert {key: incoming[key] for key in ("leg", "did", "caller", "kind", "sip_code", "hangup_by")} == {
        "leg": "in",
        "did": DID,
        "caller": "+4930123456",
        "kind": "pstn",
        "sip_code": "200",
        "hangup_by": "caller",
    }
    assert incoming["number_id"] == str(lease.number_id)
    assert incoming["project_id"] == lease.project.pid
    assert incoming["route_etag"].startswith(f"{lease.pk}.1.")
    assert float(incoming["start_time"]) <= float(incoming["answer_time"]) <= float(incoming["end_time"])
    assert outgoing["leg"] == "out"
    assert (outgoing["target"], outgoing["gateway"]) == (TARGET, f"127.0.0.1:{gateways[0]}")
    assert outgoing["call_id"] == incoming["call_id"]


def test_a_silent_gateway_is_passed_over(lease, trunk, phone, gateways, switch):
    second = phone(scenarios.answers(), gateways[1])
    trunk(scenarios.call(DID))
    second.done()
    legs = {(each["leg"], each.get("attempt")): each for each in switch.records(3)}
    assert legs["out", "1"]["sip_code"] == "502"
    assert "answer_time" not in legs["out", "1"]
    assert legs["out", "2"]["sip_code"] == "200"
    assert legs["out", "2"]["gateway"] == f"127.0.0.1:{gateways[1]}"
    assert legs["in", None]["answered_by"] == TARGET


def test_a_gateway_in_trouble_is_passed_over_and_a_busy_phone_is_not(lease, trunk, phone, gateways, switch):
    first, second = phone(scenarios.rejects(503), gateways[0]), phone(scenarios.answers(), gateways[1])
    trunk(scenarios.call(DID))
    first.done()
    second.done()
    busy = phone(scenarios.rejects(486, "Busy Here"), gateways[0])
    refused = trunk(scenarios.refused_call(DID, 486)).received("SIP/2.0 486")
    busy.done()
    assert header(refused, "Reason") == ["Q.850;cause=17"]
    assert [each["sip_code"] for each in switch.records(5)] == ["503", "200", "200", "486", "486"]


def test_the_caller_gives_up(lease, trunk, phone, gateways, switch):
    gateway = phone(scenarios.rings(), gateways[0])
    trunk(scenarios.cancelled_call(DID))
    gateway.done()
    assert {(each["leg"], each["sip_code"], each["hangup_by"]) for each in switch.records(2)} == {
        ("in", "487", "caller"),
        ("out", "487", "caller"),
    }


@pytest.mark.parametrize(
    ("address", "transport"), [("127.0.0.1", "u1"), ("127.0.0.1", "t1"), ("::1", "u1")], ids=["UDP", "TCP", "IPv6"]
)
def test_either_side_hangs_up_whatever_the_trunk_speaks(address, transport, lease, trunk, phone, gateways, switch):
    polite = phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID), address=address, transport=transport)
    polite.done()
    hasty = phone(scenarios.answers_and_hangs_up(), gateways[0])
    caller = trunk(scenarios.call(DID, hang_up=False), address=address, transport=transport)
    bye, reply = caller.received("BYE"), hasty.done().received("SIP/2.0 200")
    assert header(bye, "To")[0].startswith(scenarios.ALICE)  # to the caller he is himself
    assert header(bye, "From")[0].startswith(f"<sip:{DID}@")
    assert header(reply, "To")[0].startswith(f"<sip:{DID}@sip.example.test>")
    assert [each["hangup_by"] for each in switch.records(4)] == ["caller", "caller", "callee", "callee"]
