"""If nobody answers: the second step, whatever the first one was."""

import pytest

from numbers.routing import services
from numbers.routing.route_settings import SecondStep, SipServer
from projects.actor import SYSTEM
from tests.support.leases import DID, NOW
from tests.support.routes import set_fallback, set_ring_seconds
from tests.switch import scenarios
from tests.switch.kit import TARGET, free_port
from tests.switch.sipp import header

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(lease):
    """The port of the customer's SIP server, which rings first; then TARGET."""
    port = free_port()
    services.set_sip(lease=lease, server=SipServer("127.0.0.1", port), by=SYSTEM, now=NOW)
    set_fallback(lease=lease, step=SecondStep(pstn=TARGET), by=SYSTEM, now=NOW)
    return port


def legs(switch, count):
    return [(each["leg"], each["kind"], each["sip_code"], each.get("answered_by")) for each in switch.records(count)]


def test_a_sip_server_answers(lease, server, trunk, phone, switch):
    customer = phone(scenarios.answers(), server)
    trunk(scenarios.call(DID))
    invite = customer.done().received("INVITE")
    assert invite.startswith(f"INVITE sip:{DID}@127.0.0.1:{server} SIP/2.0")
    assert header(invite, "X-Portal-DID") == [DID]
    assert header(invite, "From")[0].startswith(scenarios.ALICE)
    assert legs(switch, 1) == [("in", "sip", "200", f"127.0.0.1:{server}")]


def test_a_sip_server_over_tcp(lease, trunk, phone, switch):
    port = free_port()
    services.set_sip(lease=lease, server=SipServer("127.0.0.1", port, "tcp"), by=SYSTEM, now=NOW)
    customer = phone(scenarios.answers(), port, transport="t1")
    trunk(scenarios.call(DID))
    customer.done()
    assert legs(switch, 1) == [("in", "sip", "200", f"127.0.0.1:{port}")]


def test_busy(lease, server, trunk, phone, gateways, switch):
    customer, gateway = phone(scenarios.rejects(486), server), phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID))
    customer.done()
    identity = f"<sip:{DID}@sip.example.test>"
    invite = gateway.done().received("INVITE")
    assert header(invite, "From")[0].startswith(identity)
    assert header(invite, "P-Asserted-Identity") == [identity]
    assert header(invite, "X-Portal-DID") == []  # that was the first step's
    assert legs(switch, 2) == [("in", "sip", "200", TARGET), ("out", "pstn", "200", TARGET)]


def test_nobody_answers(lease, server, trunk, phone, gateways, switch):
    set_ring_seconds(lease=lease, seconds=5, by=SYSTEM, now=NOW)
    customer, gateway = phone(scenarios.rings(), server), phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID))
    customer.done()
    gateway.done()
    incoming, outgoing = switch.records(2)
    assert float(outgoing["start_time"]) - float(incoming["start_time"]) == pytest.approx(5, abs=1)
    assert incoming["answered_by"] == outgoing["answered_by"] == TARGET


def test_unreachable_and_then_the_gateways_in_their_order(lease, server, trunk, phone, gateways, switch):
    second = phone(scenarios.answers(), gateways[1])
    trunk(scenarios.call(DID))
    second.done()
    records = switch.records(3)
    assert [(each["leg"], each.get("attempt"), each["sip_code"]) for each in records] == [
        ("out", "1", "502"),
        ("in", None, "200"),
        ("out", "2", "200"),
    ]
    assert len({each["cdr_id"] for each in records}) == 3


def test_a_redirect_is_no_way_to_a_dearer_number(lease, server, trunk, phone, gateways, switch):
    set_fallback(lease=lease, step=SecondStep(), by=SYSTEM, now=NOW)
    elsewhere = phone(scenarios.rejects(486))
    moved = scenarios.rejects(302, "Moved").replace(
        "sip:phone@[local_ip]:[local_port]", f"sip:x@127.0.0.1:{elsewhere.port}"
    )
    customer = phone(moved, server)
    reply = trunk(scenarios.refused_call(DID, 480)).received("SIP/2.0 480")
    customer.done()
    assert header(reply, "X-Portal-Reason") == ["redirected"]
    assert header(reply, "Contact") == []
    assert elsewhere.heard() == ""


def test_the_caller_hangs_up_and_nobody_else_rings(lease, server, trunk, phone, gateways, switch):
    customer, gateway = phone(scenarios.rings(), server), phone(scenarios.answers(), gateways[0])
    trunk(scenarios.cancelled_call(DID))
    customer.done()
    assert legs(switch, 1) == [("in", "sip", "487", None)]
    assert gateway.heard() == ""


def test_the_trunk_of_the_project_and_a_second_step_by_sip(lease, trunk, phone, switch):
    first, second = free_port(), free_port()
    services.set_sip(lease=lease, server=SipServer("127.0.0.1", first), by=SYSTEM, now=NOW)
    set_fallback(lease=lease, step=SecondStep(sip=SipServer("127.0.0.1", second)), by=SYSTEM, now=NOW)
    customer = phone(scenarios.rejects(480), first)
    other = phone(scenarios.answers(), second)
    trunk(scenarios.call(DID))
    customer.done()
    other.done()
    assert legs(switch, 1) == [("in", "sip", "200", f"127.0.0.1:{second}")]
