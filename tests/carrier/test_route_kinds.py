"""The document for app users, SIP servers, the project's trunk and second steps (the carrier contract)."""

import pytest

from numbers.models import ProjectCallSettings
from numbers.routing import services
from numbers.routing.models import CallRoute
from numbers.routing.route_settings import SecondStep, SipServer
from projects.actor import SYSTEM
from projects.models import AppUser
from tests.carrier.switch import TARGET, ask
from tests.support.app_users import add_app_user
from tests.support.leases import DID, NOW
from tests.support.prices import set_price
from tests.support.routes import set_fallback, set_ring_seconds

pytestmark = pytest.mark.django_db
SERVER = SipServer("203.0.113.9", 5060)
WHO = {"by": SYSTEM, "now": NOW}


@pytest.fixture
def anna_and_ben(lease):
    for name in ("ben", "anna"):
        add_app_user(lease.project, name)
        services.add_user(lease=lease, username=name, **WHO)


@pytest.fixture
def domain(lease, settings):
    settings.SIP_DOMAIN = "sip.example.test"
    return f"{lease.project.pid}.sip.example.test"


def test_users_ring_in_parallel(switch, lease, anna_and_ben, domain):
    set_ring_seconds(lease=lease, seconds=40, **WHO)
    body = ask(DID, switch[1]).json()
    assert (body["kind"], body["routing"], body["ring_seconds"]) == ("users", "parallel", 40)
    assert body["routes"] == [{"uri": f"sip:ben@{domain}"}, {"uri": f"sip:anna@{domain}"}]
    assert "fallback" not in body
    assert body["limits"] == {"channels": 10, "max_seconds": 14400}


def test_a_deactivated_user_stops_ringing_with_the_next_call(switch, lease, anna_and_ben, domain):
    AppUser.objects.filter(username="ben").update(is_active=False, deactivated_at=NOW)
    assert ask(DID, switch[1]).json()["routes"] == [{"uri": f"sip:anna@{domain}"}]
    AppUser.objects.filter(username="anna").update(is_active=False, deactivated_at=NOW)
    assert ask(DID, switch[1]).json() == {"error": "not_configured"}


def test_without_active_users_the_second_step_comes_first(switch, lease, anna_and_ben):
    set_fallback(lease=lease, step=SecondStep(sip=SERVER), **WHO)
    AppUser.objects.update(is_active=False, deactivated_at=NOW)
    body = ask(DID, switch[1]).json()
    assert (body["kind"], [route["uri"] for route in body["routes"]]) == ("sip", [f"sip:{DID}@203.0.113.9:5060"])
    assert "fallback" not in body


def test_users_of_another_project_never_ring(switch, lease, anna_and_ben, other_project):
    add_app_user(other_project, "eve")
    CallRoute.objects.update(app_user_ids=[AppUser.objects.get(username="eve").pk])
    assert ask(DID, switch[1]).json() == {"error": "not_configured"}


@pytest.mark.parametrize(
    ("server", "uri"),
    [
        (SERVER, f"sip:{DID}@203.0.113.9:5060"),
        (SipServer("sip.example.com", 5080, "tcp"), f"sip:{DID}@sip.example.com:5080;transport=tcp"),
        (SipServer("2001:db8::9", 5061, "tls"), f"sip:{DID}@[2001:db8::9]:5061;transport=tls"),
    ],
)
def test_a_sip_server_is_one_route(switch, lease, server, uri):
    services.set_sip(lease=lease, server=server, **WHO)
    body = ask(DID, switch[1]).json()
    assert (body["kind"], body["routing"]) == ("sip", "serial")
    headers = {"extra": f"X-Portal-DID: {DID}\r\n"}
    assert body["routes"] == [{"uri": uri, "fr_timer": 2000, "fr_inv_timer": 60000, "headers": headers}]


def test_a_second_step_after_each_kind(switch, lease, anna_and_ben, settings):
    set_price()
    settings.PSTN_GATEWAYS = ["gw1.example.test"]
    set_ring_seconds(lease=lease, seconds=20, **WHO)
    set_fallback(lease=lease, step=SecondStep(pstn=TARGET), **WHO)
    body = ask(DID, switch[1]).json()
    assert (body["kind"], body["ring_seconds"]) == ("users", 20)
    assert {name: value for name, value in body["fallback"].items() if name != "routes"} == {
        "version": "1.0",
        "routing": "serial",
    }
    [phone] = body["fallback"]["routes"]
    assert (phone["uri"], phone["fr_inv_timer"]) == (f"sip:{TARGET}@gw1.example.test", 30000)
    assert f"sip:{DID}@" in phone["headers"]["from"]["uri"]
    services.set_sip(lease=lease, server=SERVER, **WHO)
    body = ask(DID, switch[1]).json()
    assert (body["routes"][0]["fr_inv_timer"], body["fallback"]["routes"]) == (20_000, [phone])
    services.set_pstn(lease=lease, target="+442079460019", **WHO)
    set_fallback(lease=lease, step=SecondStep(sip=SERVER), **WHO)
    body = ask(DID, switch[1]).json()
    assert (body["kind"], body["routes"][0]["fr_inv_timer"]) == ("pstn", 20_000)
    assert body["fallback"]["routes"][0]["uri"] == f"sip:{DID}@203.0.113.9:5060"


def test_the_projects_trunk_takes_numbers_without_a_setting(switch, lease):
    ProjectCallSettings.objects.create(project=lease.project, trunk_host="trunk.example.com", trunk_port=5060)
    body = ask(DID, switch[1]).json()
    assert (body["kind"], body["routes"][0]["uri"]) == ("sip", f"sip:{DID}@trunk.example.com:5060")
    before = body["etag"]
    ProjectCallSettings.objects.update(version=2)
    assert ask(DID, switch[1]).json()["etag"] != before
    services.set_sip(lease=lease, server=SERVER, **WHO)
    assert ask(DID, switch[1]).json()["routes"][0]["uri"] == f"sip:{DID}@203.0.113.9:5060"


def test_a_target_that_became_private_is_barred(switch, lease, settings):
    settings.SIP_PRIVATE_TARGETS = True
    services.set_sip(lease=lease, server=SipServer("127.0.0.1", 5060), **WHO)
    assert ask(DID, switch[1]).status_code == 200
    settings.SIP_PRIVATE_TARGETS = False
    response = ask(DID, switch[1])
    assert (response.status_code, response.json()) == (403, {"error": "barred"})


def test_the_called_phone_sees_the_caller_only_where_gateways_and_customer_want_it(switch, lease, route, settings):
    def shown(caller):
        body = ask(f"{DID}?from={caller}", switch[1]).json()
        headers = body["routes"][0]["headers"]
        assert f"Diversion: <sip:{DID}@" in headers["extra"]
        assert headers["from"]["uri"] in headers["extra"]
        return headers["from"]["uri"].split("@")[0].removeprefix("sip:")

    settings.PSTN_ORIGINAL_CALLER = True
    assert shown("+442079460001") == DID
    services.set_caller_id(lease=lease, caller_id="caller", **WHO)
    assert shown("%2B442079460001") == shown("+442079460001") == shown("442079460001") == "+442079460001"
    for nobody in ("anonymous", "", "%22<x>", "sip:anonymous@anonymous.invalid", "0a%0d%0aX: y"):
        assert shown(nobody) == DID
    settings.PSTN_ORIGINAL_CALLER = False
    assert shown("+442079460001") == DID
