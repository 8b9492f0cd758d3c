"""What the credit pays for, how many calls at a time, and whom the customer does not want to hear."""

from dataclasses import replace
from decimal import Decimal

import pytest

from billing.models import CallPrice
from numbers.routing import project_services, services
from projects.actor import SYSTEM
from tests.support.leases import DID, NOW
from tests.support.projects import charge_usage
from tests.switch import scenarios
from tests.switch.kit import until
from tests.switch.sipp import header

pytestmark = pytest.mark.django_db


def test_a_call_is_cut_off_when_the_credit_is_used_up(lease, trunk, phone, gateways, switch):
    charge_usage(lease.project, Decimal("999.98"))  # what is left pays for two seconds
    gateway = phone(scenarios.answers(), gateways[0])
    caller = trunk(scenarios.call(DID, hang_up=False))
    gateway.done()
    assert header(caller.received("BYE"), "Reason")[0].startswith("Q.850;cause=31")
    assert header(gateway.received("BYE"), "Reason")[0].startswith("Q.850;cause=31")
    incoming, outgoing = switch.records(2)
    assert incoming["hangup_by"] == outgoing["hangup_by"] == "switch"
    assert 0.5 < float(outgoing["end_time"]) - float(outgoing["answer_time"]) < 3
    for _ in range(2 * switch.workers):  # all of them are free again
        trunk(scenarios.refused_call("+12125550199", 404))


def test_no_credit_at_all(lease, trunk, switch):
    charge_usage(lease.project, Decimal(1000))
    reply = trunk(scenarios.refused_call(DID, 403)).received("SIP/2.0 403")
    assert header(reply, "X-Portal-Reason") == ["insufficient_credit"]
    CallPrice.objects.all().delete()
    reply = trunk(scenarios.refused_call(DID, 403)).received("SIP/2.0 403")
    assert header(reply, "X-Portal-Reason") == ["no_price"]


def test_no_more_calls_at_a_time_than_the_project_may_have(lease, trunk, phone, gateways, switch):
    project_services.change_settings(
        project=lease.project, change=lambda set_: replace(set_, channels=1), by=SYSTEM, now=NOW
    )
    gateway = phone(scenarios.answers(), gateways[0])
    first = trunk(scenarios.call_begins(DID))
    reply = trunk(scenarios.refused_call(DID, 486)).received("SIP/2.0 486")
    assert header(reply, "X-Portal-Reason") == ["too_many_calls"]
    until(lambda: "\nACK sip:" in gateway.heard(), "the call to be up")
    answer = first.received("SIP/2.0 200")
    trunk(scenarios.call_ends(answer), call_id=header(answer, "Call-ID")[0])
    gateway.done()
    another = phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID))
    another.done()
    assert [each["sip_code"] for each in switch.records(5)] == ["486", "200", "200", "200", "200"]


def test_a_blocked_caller(lease, trunk, phone, gateways, switch):
    services.block_caller(lease=lease, entry="+4930123456", by=SYSTEM, now=NOW)
    reply = trunk(scenarios.refused_call(DID, 603)).received("SIP/2.0 603")
    assert header(reply, "X-Portal-Reason") == ["blocked_caller"]
    gateway = phone(scenarios.answers(), gateways[0])
    trunk(scenarios.call(DID, caller="<sip:+4930999999@127.0.0.1>"))
    gateway.done()
    trunk(scenarios.refused_call(DID, 603))  # the route that is kept for another is not his
    assert [(each["caller"], each["sip_code"]) for each in switch.records(4)] == [
        ("+4930123456", "603"),
        ("+4930999999", "200"),
        ("+4930999999", "200"),
        ("+4930123456", "603"),
    ]
