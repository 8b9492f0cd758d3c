"""Every address while a part is away: what can be read is read, everything else is one 503, and nothing is a 500."""

from contextlib import nullcontext

import pytest
from django.test import Client

from numbers.models import Number
from numbers.routing.services import set_pstn
from projects import tokens
from projects.actor import SYSTEM
from tests.access.addresses import MACHINES, SIGNS_OUT, leads_to_sign_in, paths, undone
from tests.ops import outages
from tests.support.inventory import make_number
from tests.support.leases import DID, NOW, make_lease
from tests.support.people import PASSWORD, sign_in
from tests.support.prices import set_price
from tests.support.projects import make_project
from tests.support.switches import switch_secret

pytestmark = pytest.mark.django_db(transaction=True)
WITHOUT_URL = ["/live/taken", "/nowhere", "/admin/nowhere/", "/api", "/carrier/nothing", "/projects"]
AS = {"a browser": {}, "htmx": {"HX-Request": "true"}, "a program": {"Accept": "application/json"}}


@pytest.fixture
def project(settings, superuser):
    settings.ACCOUNT_RATE_LIMITS = {}
    set_price()
    lease = make_lease(project=make_project(superuser, credit="20"))
    set_pstn(lease=lease, target="+442079460018", by=SYSTEM, now=NOW)
    lease.project.lease = lease
    return lease.project


@pytest.fixture
def everywhere(project):
    return WITHOUT_URL + paths(
        pid=project.pid, lease=project.lease.pk, object_id=project.pk, pk=project.pk, e164=DID.lstrip("+")
    )


@pytest.fixture
def asked(project, everywhere):
    """{address: answer} of every GET, by somebody who signed in before the outage."""

    def ask(outage, *, signed_in=True, **headers):
        client = Client(headers=headers, raise_request_exception=False)
        if signed_in:
            sign_in(client, project.created_by)
        with outage:
            return {where: client.get(where) for where in everywhere}

    return ask


def failed(answers):
    assert sum(answer.status_code == 200 for answer in answers.values()) > 50
    return [where for where, answer in answers.items() if answer.status_code >= 500]


def is_a_503_with_words(answer, where):
    assert answer.status_code == 503, (where, answer.status_code)
    assert int(answer.headers["Retry-After"]) > 0, where


def test_a_database_that_takes_no_writes_is_read(asked):
    assert failed(asked(outages.read_only())) == []


@pytest.mark.parametrize("caller", AS)
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "signed out"])
def test_without_the_database_nothing_is_a_fault_of_ours(asked, caller, signed_in):
    seen = asked(outages.dead(), signed_in=signed_in, **AS[caller])
    for where, answer in seen.items():
        assert answer.status_code < 500 or answer.status_code == 503, (where, answer.status_code)
        if answer.status_code == 503:
            is_a_503_with_words(answer, where)
    assert sum(answer.status_code == 503 for answer in seen.values()) > (100 if signed_in else 0)


def test_without_the_database_public_pages_are_there(asked):
    seen = asked(outages.dead(), signed_in=False)
    for where in (
        "/legal/terms/",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/signup/challenge/",
    ):
        assert seen[where].status_code == 200, where


def test_without_the_cache_every_page_is_there(asked, settings):
    outages.lose_cache(settings)
    assert failed(asked(outages.database())) == []


def test_a_switch_gets_its_route_from_a_database_that_takes_no_writes(project, client):
    secret = switch_secret()
    with outages.read_only():
        answer = client.get(f"/carrier/v1/routes/{DID}", headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["did"]) == (200, DID)


def test_a_program_lists_numbers_and_buys_none(project):
    """The guide's envelopes stay what they are."""
    client = Client(raise_request_exception=False)
    keys = {"projectid": project.pid, "authtoken": tokens.reveal(project=project, slot="primary", by=SYSTEM)}
    make_number("+12125550177")
    with outages.read_only():
        listed = client.get("/listnewnumbers", keys | {"country": "US", "limit": "0,20", "number_type": "did"})
        bought = client.post("/purchasenumber", keys | {"number": "+12125550177", "action": "purchase"})
    assert (listed.status_code, listed.json()["status"]) == (200, "Success"), listed.json()
    assert (bought.status_code, bought.json()["error"]) == (503, "read_only")
    assert int(bought.headers["Retry-After"]) > 0
    assert Number.objects.get(e164="+12125550177").status == "available"


@pytest.mark.parametrize("part", ["database read-only", "database dead", "cache dead"])
def test_whatever_is_sent_to_any_address_is_answered(everywhere, project, settings, part):
    client = sign_in(Client(raise_request_exception=False), project.created_by)
    if part == "cache dead":
        outages.lose_cache(settings)
    away = {"database read-only": outages.read_only, "database dead": outages.dead}.get(part, outages.database)
    with away():
        for where in everywhere:
            with undone(client) if part == "cache dead" else nullcontext():
                answer = client.post(where, {"anything": "at all"})
            assert answer.status_code < 500 or answer.status_code == 503, (where, answer.status_code)
            assert where.startswith(SIGNS_OUT + MACHINES) or not leads_to_sign_in(answer), where
            if answer.status_code == 503:
                is_a_503_with_words(answer, where)


def test_nobody_signs_in_or_out_while_nothing_can_be_written(project):
    user = project.created_by
    client = Client(raise_request_exception=False)
    sign_in(client, user)
    with outages.read_only():
        answers = [
            client.post("/accounts/logout/"),
            Client(raise_request_exception=False).post("/accounts/login/", {"login": user.email, "password": PASSWORD}),
            Client(raise_request_exception=False).post("/accounts/password/reset/", {"email": user.email}),
        ]
        for answer in answers:
            is_a_503_with_words(answer, "")
            assert "Nothing can be changed at the moment" in answer.content.decode()
        assert client.get("/projects/").status_code == 200
