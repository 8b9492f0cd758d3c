"""Whatever is sent to any address of the carrier API, and whatever customers have set: an answer of the contract.

The addresses come from the URL configuration, so a new one is sent the same.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from numbers.models import Lease
from numbers.routing import project_services, services
from numbers.routing.models import CallerId
from numbers.routing.route_settings import SecondStep
from numbers.routing.sip_targets import parse_server
from portal.core.errors import DomainError
from projects.actor import SYSTEM
from projects.models import AppUser, Project
from tests.carrier.hostile import ADDRESSES, GAP, HEADER, HOSTILE, SIP, TEXTS, TRUNK, USERS, basic, requests
from tests.support.app_users import add_app_user
from tests.support.leases import DID, NOW, make_lease
from tests.support.prices import set_price
from tests.support.routes import set_fallback

pytestmark = pytest.mark.django_db
WHO = {"by": SYSTEM, "now": NOW}
KNOWN = frozenset(re.findall(r"^\| `(\w+)` \|", (Path(django_settings.BASE_DIR) / "docs/errors.md").read_text(), re.M))
REJECTED = re.compile(r"not_an_object|(?:missing|bad)_[a-z_]+")
# What `extra` is, by the contract; nothing else may be on its lines.
SIP_URI = r"sip:\+[1-9][0-9]{6,14}@[A-Za-z0-9.-]+"
EXTRA = re.compile(
    rf"P-Asserted-Identity: <{SIP_URI}>\r\nDiversion: <{SIP_URI}>;reason=unconditional\r\n"
    r"|X-Portal-DID: \+[1-9][0-9]{6,14}\r\n"
)
MOSTLY = hypothesis_settings(deadline=None, suppress_health_check=list(HealthCheck))


def test_the_addresses_are_found():
    assert {"carrier/v1/cdrs", "carrier/v1/routes/(?P<called>[^/]*)"} <= set(ADDRESSES)
    assert not any(set("()<>^$?") & set(GAP.sub("", each)) for each in ADDRESSES)


# -- what must hold -----------------------------------------------------------------------------------------------


@pytest.fixture
def secret(switch):
    switch[0].scopes = ["routes", "cdrs", "sms"]
    switch[0].save()
    return switch[1]


@pytest.fixture
def price():
    return set_price()


@pytest.fixture
def hostile_customer(lease, route, settings):
    """Numbers of every kind; what a customer may name is as hostile as the database takes it."""
    settings.PSTN_ORIGINAL_CALLER = True
    settings.SIP_DOMAIN = "sip.example.test"
    project = lease.project
    signs = "-_.!~*()&=+$,;?/a"
    add_app_user(project, signs)
    services.set_caller_id(lease=lease, caller_id=CallerId.CALLER, **WHO)
    set_fallback(lease=lease, step=SecondStep(sip=parse_server("2001:db8::9", 5061, "tls")), **WHO)
    others = [make_lease(project=project, e164=each) for each in (USERS, SIP, TRUNK)]
    services.add_user(lease=others[0], username=signs, **WHO)
    services.set_sip(lease=others[1], server=parse_server("Sip.EXAMPLE.com.", 1, "tcp"), **WHO)
    project_services.set_trunk(project=project, server=parse_server("[2001:db8::7]", 65535, "udp"), **WHO)
    Project.objects.update(name=HOSTILE)
    Lease.objects.update(friendly_name=HOSTILE[:60])
    AppUser.objects.update(display_name=HOSTILE[:60])


def texts(value):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from (key, *texts(each))
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def is_clean(document):
    """A route document: CR, LF and angle brackets stand in ``extra`` only, where the contract puts them."""
    for step in (document, document.get("fallback", {"routes": []})):
        for route in step["routes"]:
            extra = route.get("headers", {}).pop("extra", None)
            assert extra is None or EXTRA.fullmatch(extra), extra
    for text in texts(document):
        assert not re.search("[\r\n\"'<>\x00]", text), text


def is_of_the_contract(answer, method):
    """One line of JSON or nothing, or what a gateway wants to hear; a refusal has a known code."""
    assert answer.status_code < 500, answer.content
    assert not answer.cookies
    assert "Location" not in answer.headers
    assert not any(re.search("[\r\n]", value) for value in answer.headers.values())
    if method == "HEAD" or answer.status_code in (204, 304):
        assert answer.content == b"" or method == "HEAD"
        return
    if answer.headers["Content-Type"] == "text/plain":
        assert (answer.status_code, answer.content) in [(200, b""), (200, b"ACK/Jasmin")]
        return
    assert answer.headers["Content-Type"] == "application/json"
    assert b"\n" not in answer.content
    body = answer.json()
    if "status" in body:
        assert (answer.status_code, body["status"]) in [(202, "stored"), (200, "already_stored")]
    elif answer.status_code != 200:
        assert set(body) == {"error"}
        assert body["error"] in KNOWN, body
    elif "routes" in body:
        is_clean(body)
    elif "ha1" in body:
        assert re.fullmatch("[0-9a-f]{32}", body["ha1"])
    else:
        assert all(REJECTED.fullmatch(each["error"]) for each in body["rejected"]), body


@hypothesis_settings(MOSTLY, max_examples=250)
@given(requests(), st.sampled_from(["bearer"] * 4 + ["basic", "none", "odd"]), HEADER)
def test_no_request_breaks_a_carrier_address(secret, hostile_customer, sent, credential, odd):
    method, address, body, content_type, headers = sent
    shown = {"bearer": f"Bearer {secret}", "basic": basic(f"sw1:{secret}"), "none": "", "odd": odd}[credential]
    client = Client(raise_request_exception=False)
    answer = client.generic(method, address, body, content_type, **headers | {"HTTP_AUTHORIZATION": shown})
    is_of_the_contract(answer, method)
    if credential == "none":
        assert answer.status_code != 200


@hypothesis_settings(MOSTLY, max_examples=80)
@given(st.sampled_from([DID, DID, USERS, SIP, TRUNK]), TEXTS | TEXTS.map("+4930{}".format))
def test_no_caller_gets_into_a_route(secret, hostile_customer, called, caller):
    answer = Client().get(
        f"/carrier/v1/routes/{called}",
        {"from": caller.encode("utf-8", "surrogatepass")},
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 200
    is_of_the_contract(answer, "GET")


@hypothesis_settings(MOSTLY, max_examples=80)
@given(
    st.sampled_from(["sip", "trunk", "fallback", "pstn", "user"]),
    TEXTS | st.from_regex(r"[a-z0-9.:_\[\]%<>\"-]{1,20}\.(com|[0-9]{1,3})", fullmatch=True),
)
def test_what_a_customer_can_set_gets_into_a_route_only_clean(secret, lease, price, what, typed):
    with transaction.atomic():  # each example begins with the same number
        try:
            set_for(lease, what, typed)
        except DomainError:
            answer = None
        else:
            answer = Client().get(f"/carrier/v1/routes/{DID}", headers={"Authorization": f"Bearer {secret}"})
        transaction.set_rollback(True)
    if answer is not None:
        assert answer.status_code == 200 or answer.json() == {"error": "no_price"}, (
            answer.content
        )  # of a phone elsewhere
        is_of_the_contract(answer, "GET")


def set_for(lease, what, typed):
    if what == "pstn":
        services.set_pstn(lease=lease, target=typed, **WHO)
    elif what == "user":
        added = add_app_user(lease.project, typed)
        services.add_user(lease=lease, username=added.app_user.username, **WHO)
    elif what == "sip":
        services.set_sip(lease=lease, server=parse_server(typed, 5060, "udp"), **WHO)
    elif what == "trunk":
        project_services.set_trunk(project=lease.project, server=parse_server(typed, 5060, "udp"), **WHO)
    else:
        services.set_sip(lease=lease, server=parse_server("203.0.113.9", 5060, "udp"), **WHO)
        set_fallback(lease=lease, step=SecondStep(sip=parse_server(typed, 5060, "udp")), **WHO)
