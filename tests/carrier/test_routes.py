"""What a switch gets when it asks where a call goes (the carrier contract)."""

import pytest

from numbers.models import Lease, Number
from numbers.routing.services import clear_route, set_pstn
from projects.actor import SYSTEM
from tests.carrier.switch import TARGET, ask
from tests.support.inventory import make_number
from tests.support.leases import DID, NOW, leave_unpaid
from tests.support.projects import make_project
from tests.support.purchases import purchase_number

pytestmark = pytest.mark.django_db


def test_the_document_is_the_contracts(switch, lease, route, settings):
    settings.PSTN_GATEWAYS, settings.SIP_DOMAIN = ["gw1.example.test:5060", "gw2.example.test"], "sip.example.test"
    response = ask(DID, switch[1])
    body = response.json()
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert b"\n" not in response.content
    etag = body.pop("etag")
    identity = f"sip:{DID}@sip.example.test"
    headers = {
        "from": {"display": "", "uri": identity},
        "extra": f"P-Asserted-Identity: <{identity}>\r\nDiversion: <{identity}>;reason=unconditional\r\n",
    }
    assert body == {
        "version": "1.0",
        "routing": "serial",
        "routes": [
            {"uri": f"sip:{TARGET}@gw1.example.test:5060", "fr_timer": 1500, "fr_inv_timer": 30000, "headers": headers},
            {"uri": f"sip:{TARGET}@gw2.example.test", "fr_timer": 1500, "fr_inv_timer": 30000, "headers": headers},
        ],
        "kind": "pstn",
        "did": DID,
        "number_id": str(lease.number_id),
        "project_id": lease.project.pid,
        "ttl": 30,
        "limits": {"channels": 10, "max_seconds": 14400},
    }
    assert (response.headers["ETag"], etag.split(".")[:2]) == (f'"{etag}"', [str(lease.pk), str(route.version)])
    assert response.headers["Cache-Control"] == "private, max-age=30"
    assert "Set-Cookie" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "form",
    [
        "+12125550101",
        "%2B12125550101",
        "%2b12125550101",
        "%2012125550101",
        "12125550101",
        "+12125550101/",
        "%2B12125550101/?call_id=a%0d&from=%00",
        "0012125550101",
        "01112125550101",
        "+1%20(212)%20555-0101",
        "%E2%80%AA+12125550101%E2%80%AC",
        "tel:+1-212-555-0101",
        "%D9%A1%D9%A2%D9%A1%D9%A2%D9%A5%D9%A5%D9%A5%D9%A0%D9%A1%D9%A0%D9%A1",
    ],
)
def test_every_encoding_of_the_plus_and_no_redirect(switch, route, form):
    response = ask(form, switch[1])
    assert (response.status_code, response.json()["did"]) == (200, DID)


@pytest.mark.parametrize(
    "form",
    [
        "",
        "911",
        "+1212555010x",
        "+1212555O1O1",
        "+12125550101;ext=5",
        "+1212555010112345",
        "%00",
        "%ff%fe",
        "+12125550102",
        "1" * 5000,
        "'%22<>",
    ],
)
def test_nonsense_and_unknown_numbers_are_404(switch, route, form):
    response = ask(form, switch[1])
    assert (response.status_code, response.json()) == (404, {"error": "unknown_number"})


def test_a_number_nobody_holds_is_404(switch):
    make_number("+12125550190")
    assert ask("+12125550190", switch[1]).status_code == 404


def test_nothing_set_is_not_configured(switch, lease):
    assert (ask(DID, switch[1]).status_code, ask(DID, switch[1]).json()) == (404, {"error": "not_configured"})


def test_a_deleted_route_is_not_configured_at_once(switch, lease, route):
    clear_route(lease=lease, by=SYSTEM, now=NOW)
    assert ask(DID, switch[1]).json() == {"error": "not_configured"}


def test_a_released_number_is_gone_until_it_is_sold_again(switch, lease, route):
    Lease.objects.filter(pk=lease.pk).update(status="released", ended_at=NOW)
    Number.objects.filter(pk=lease.number_id).update(status="quarantined")
    response = ask(DID, switch[1])
    assert (response.status_code, response.json()) == (410, {"error": "released"})
    Number.objects.filter(pk=lease.number_id).update(status="available")
    assert ask(DID, switch[1]).status_code == 404
    new = purchase_number(make_project(credit="1"), DID, now=NOW)
    assert ask(DID, switch[1]).json() == {"error": "not_configured"}, "the former holder's route must not count"
    set_pstn(lease=new, target="+442079460019", by=SYSTEM, now=NOW)
    assert ask(DID, switch[1]).json()["project_id"] == new.project.pid


def test_a_suspended_number_does_not_ring_and_a_past_due_one_does(switch, lease, route):
    leave_unpaid(lease, "suspended")
    response = ask(DID, switch[1])
    assert (response.status_code, response.json()) == (402, {"error": "suspended"})
    leave_unpaid(lease, "past_due")
    assert ask(DID, switch[1]).status_code == 200


def test_barred_are_archived_projects_and_barred_targets(switch, lease, route, settings):
    settings.ROUTE_BARRED_PREFIXES = ["+4420"]
    response = ask(DID, switch[1])
    assert (response.status_code, response.json()) == (403, {"error": "barred"})
    settings.ROUTE_BARRED_PREFIXES = []
    assert ask(DID, switch[1]).status_code == 200
    lease.project.status = "archived"
    lease.project.save()
    assert ask(DID, switch[1]).status_code == 403
