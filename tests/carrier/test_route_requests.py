"""How a switch asks: with ETags, credentials and budgets of its own."""

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from numbers.carrier import credentials
from numbers.carrier.checks import sip_hosts
from numbers.carrier.models import SwitchCredential, SwitchSecret
from numbers.models import CallRoute
from numbers.routing import call_state
from numbers.routing.services import clear_route, set_pstn
from projects.actor import SYSTEM
from tests.carrier.switch import TARGET, ask
from tests.support.leases import DID, NOW

pytestmark = pytest.mark.django_db


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_etag_changes_with_every_change_and_304_otherwise(switch, lease, route, settings):
    def etag():
        return ask(DID, switch[1]).json()["etag"]

    first = etag()
    unchanged = ask(DID, switch[1], **{"If-None-Match": f'W/"x", "{first}"'})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", f'"{first}"')
    for known in (first, f'W/"{first}"', "*"):
        assert ask(DID, switch[1], **{"If-None-Match": known}).status_code == 304
    set_pstn(lease=lease, target="+442079460019", by=SYSTEM, now=NOW)
    second = etag()
    clear_route(lease=lease, by=SYSTEM, now=NOW)
    set_pstn(lease=lease, target=TARGET, by=SYSTEM, now=NOW)
    third = etag()
    settings.PSTN_GATEWAYS = ["other.example.test"]
    assert len({first, second, third, etag()}) == 4
    assert ask(DID, switch[1], **{"If-None-Match": first}).status_code == 200


# -- who may ask --------------------------------------------------------------------------------------------------


def test_basic_and_bearer(switch, route):
    for value in (basic(f"sw1:{switch[1]}"), f"Bearer {switch[1]}", f"bearer {switch[1]}"):
        assert Client().get(f"/carrier/v1/routes/{DID}", headers={"Authorization": value}).status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic",
        "Basic %%%",
        "Basic c3cx",
        "Digest x",
        basic("sw1:"),
        basic("sw1:wrong"),
        "Basic /w==",
        "Bearer \x00\xff",
    ],
)
def test_anything_else_is_401(switch, route, value):
    response = Client().get(f"/carrier/v1/routes/{DID}", headers={"Authorization": value})
    assert (response.status_code, response.json()) == (401, {"error": "unauthorized"})
    assert response.headers["WWW-Authenticate"].startswith("Basic")


def test_the_secret_of_another_switch_does_not_open_this_one(switch, route):
    headers = {"Authorization": basic(f"sw2:{switch[1]}")}
    assert Client().get(f"/carrier/v1/routes/{DID}", headers=headers).status_code == 401


def test_a_revoked_credential_stops_at_once(switch, route):
    SwitchCredential.objects.update(revoked_at=NOW)
    assert ask(DID, switch[1]).status_code == 401


def test_a_missing_scope_is_403(route):
    _, secret = credentials.create(switch_id="gateway", scopes=["sms", "cdrs"])
    assert (ask(DID, secret).status_code, ask(DID, secret).json()) == (403, {"error": "scope_missing"})


def test_only_from_its_networks(route, settings):
    _, secret = credentials.create(switch_id="sw9", scopes=["routes"], networks=["192.0.2.0/24", "2001:db8::/32"])
    assert ask(DID, secret).json() == {"error": "address_not_allowed"}
    assert ask(DID, secret, client=Client(REMOTE_ADDR="192.0.2.7")).status_code == 200
    assert ask(DID, secret, client=Client(REMOTE_ADDR="2001:db8::1")).status_code == 200
    assert ask(DID, secret, client=Client(REMOTE_ADDR="")).status_code == 403
    forged = {"X-Forwarded-For": "192.0.2.7"}
    assert ask(DID, secret, **forged).status_code == 403, "no proxy is trusted"
    settings.TRUSTED_PROXIES = 1
    assert ask(DID, secret, **forged).status_code == 200
    assert ask(DID, secret, **{"X-Forwarded-For": "192.0.2.7, 198.51.100.1"}).status_code == 403


def test_a_project_token_is_worth_nothing_here_and_a_switch_secret_nothing_elsewhere(switch, lease, route):
    from projects import tokens

    token = tokens.issue(project=lease.project, slot="secondary", by=SYSTEM)
    for value in (f"Bearer {token}", basic(f"{lease.project.pid}:{token}"), basic(f"sw1:{token}")):
        assert Client().get(f"/carrier/v1/routes/{DID}", headers={"Authorization": value}).status_code == 401
    answer = Client().post(
        "/api/callrouting",
        {
            "projectid": lease.project.pid,
            "authtoken": switch[1],
            "calltype": "3",
            "number": DID,
            "pstn_number": "+442079460019",
        },
    )
    assert answer.status_code == 404
    assert CallRoute.objects.get(lease=lease).pstn_target == TARGET
    assert credentials.digest(token) != tokens.digest(token), "were they ever the same text"


# -- speed --------------------------------------------------------------------------------------------------------


def test_one_query_and_its_use_is_noted_once_a_minute(switch, route):
    ask(DID, switch[1])
    assert SwitchSecret.objects.get().last_used_at is not None
    with CaptureQueriesContext(connection) as queries:
        assert ask(DID, switch[1]).status_code == 200
        assert ask("+12125550199", switch[1]).status_code == 404
        assert ask(DID, "wrong").status_code == 401
    assert len(queries) == 3
    for seconds, is_noted in ((50, False), (61, True), (86_400, True)):
        before = timezone.now() - timedelta(seconds=seconds)
        SwitchSecret.objects.update(last_used_at=before)
        ask(DID, switch[1])
        assert (SwitchSecret.objects.get().last_used_at > before) is is_noted, seconds


def test_the_query_scans_no_table(switch, route):
    from numbers.carrier.lookup import ROUTE_QUERY

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        parameters = call_state.parameters(DID, "+442079460001", NOW) | {"digest": credentials.digest(switch[1])}
        cursor.execute("EXPLAIN " + ROUTE_QUERY, parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan, plan


# -- what may not happen ------------------------------------------------------------------------------------------


def test_no_cookie_and_no_session_even_when_one_is_sent(switch, route):
    client = Client()
    client.cookies["sessionid"] = "x" * 32
    with CaptureQueriesContext(connection) as queries:
        response = ask(DID, switch[1], client=client)
    assert not any("session" in query["sql"] for query in queries)
    assert not response.cookies
    assert "Vary" not in response.headers


@pytest.mark.parametrize("host", ["evil\r\nX: y", 'a"b', "<x>", "a b", "x;y", "gw1:5060:1", ""])
def test_a_gateway_that_could_inject_headers_is_refused(switch, route, settings, host):
    settings.PSTN_GATEWAYS = [host]
    client = Client(raise_request_exception=False)
    response = ask(DID, switch[1], client=client)
    assert (response.status_code, response.json()) == (500, {"error": "internal_error"})


def test_other_methods_and_addresses_are_refused_in_json(switch, route):
    client = Client(headers={"Authorization": f"Bearer {switch[1]}"})
    for method in ("post", "put", "delete", "patch"):
        response = getattr(client, method)(f"/carrier/v1/routes/{DID}")
        assert (response.status_code, response.json()) == (405, {"error": "method_not_allowed"})
        assert response.headers["Allow"] == "GET, HEAD"
    for path in ("/carrier", "/carrier/", "/carrier/v1/nothing", "/carrier/v1/routes/a/b", "/carrier/v1/routes/\x00"):
        response = client.get(path)
        assert (response.status_code, response.headers["Content-Type"]) == (404, "application/json")
    head = client.head(f"/carrier/v1/routes/{DID}")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("domain", "gateways", "problems"),
    [
        ("sip.example.test", ["gw1.example.test:5060", "192.0.2.1", "[2001:db8::1]:5060"], []),
        ("<sip>", ["gw1"], ["numbers.E001"]),
        ("sip.example.test", ['gw"1'], ["numbers.E001"]),
        ("sip.example.test", [], ["numbers.E002"]),
    ],
)
def test_start_up_refuses_hosts_that_could_inject_headers(settings, domain, gateways, problems):
    settings.SIP_DOMAIN, settings.PSTN_GATEWAYS = domain, gateways
    assert [problem.id for problem in sip_hosts()] == problems
