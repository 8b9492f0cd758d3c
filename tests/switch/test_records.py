"""Call records stand whatever is killed."""

import pytest

from tests.support.leases import DID
from tests.switch import scenarios
from tests.switch.kit import TARGET, until
from tests.switch.sipp import header

pytestmark = pytest.mark.django_db


def test_a_call_survives_a_kill_of_the_switch(lease, switch, trunk, phone, gateways):
    gateway = phone(scenarios.answers(), gateways[0])
    answer = trunk(scenarios.call_begins(DID)).received("SIP/2.0 200")
    until(lambda: "\nACK sip:" in gateway.heard(), "the call to be up")
    switch.kill()
    switch.start()
    trunk(scenarios.call_ends(answer), call_id=header(answer, "Call-ID")[0])
    gateway.done()
    incoming, outgoing = switch.records(2)
    assert (incoming["leg"], incoming["sip_code"], incoming["hangup_by"]) == ("in", "200", "caller")
    assert (outgoing["leg"], outgoing["target"]) == ("out", TARGET)
    assert incoming["answer_time"] == outgoing["answer_time"] < incoming["end_time"]


def test_texts_of_callers_are_data(lease, switch, trunk, phone, gateways):
    name = """Robert'); DROP TABLE records;-- \\\\ ü"""
    gateway = phone(scenarios.answers(), gateways[0])
    headers = ["P-Attestation-Indicator: A"]
    trunk(scenarios.call(DID, caller=f'"{name}" <sip:+4930123456@127.0.0.1>', headers=headers))
    gateway.done()
    incoming, _ = switch.records(2)
    assert incoming["caller_name"] == name
    assert incoming["attestation"] == "A"


def test_an_anonymous_caller_stays_anonymous(lease, switch, trunk, phone, gateways):
    for caller, headers in (
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', []),
        ('"Alice" <sip:+4930123456@127.0.0.1>', ["Privacy: id"]),
    ):
        gateway = phone(scenarios.answers(), gateways[0])
        trunk(scenarios.call(DID, caller=caller, headers=headers))
        gateway.done()
    assert {each["caller"] for each in switch.records(4)} == {"anonymous"}
    assert not any("caller_name" in each for each in switch.rows())
