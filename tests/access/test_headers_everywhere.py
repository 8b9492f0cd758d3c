"""Walks the whole URL configuration: every answer carries the headers, none that is private may be kept by anybody,
and under https every cookie is bound to this host."""

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from billing.ledger.models import Transfer
from numbers.routing.services import set_pstn
from portal.core.flash import PrefixedCookieStorage as Flash
from portal.core.headers import HeadersMiddleware, cacheable
from projects.actor import SYSTEM
from tests.access.addresses import MACHINES, SIGNS_OUT, leads_to_sign_in, paths, undone
from tests.support.leases import DID, NOW, make_lease
from tests.support.people import sign_in
from tests.support.prices import set_price
from tests.support.projects import make_project
from tests.support.switches import switch_secret

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PUBLIC = {"/", "/pricing/", "/legal/terms/", "/legal/refunds/", "/legal/privacy/"}
WITHOUT_URL = [
    "/healthz",
    "/readyz",
    "/live/taken",
    "/nowhere",
    "/admin/nowhere/",
    "/api",
    "/carrier/nothing",
    "/projects/%00",
    "/static/nothing.css",
    "/projects",
]
AS = {
    "a browser": {},
    "htmx": {"HX-Request": "true"},
    "a program": {"Accept": "application/json"},
}


def keeps_the_rules(answer, where):
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
    assert headers["X-Frame-Options"] in {"DENY", "SAMEORIGIN"}, where
    assert "camera=()" in headers["Permissions-Policy"], where
    assert headers["Strict-Transport-Security"] == "max-age=31536000", where
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, where
    assert "unsafe" not in policy, where


def is_private(answer):
    return "no-store" in answer.headers["Cache-Control"]


@pytest.fixture(autouse=True)
def _https(settings):
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.ACCOUNT_RATE_LIMITS = {}


@pytest.fixture
def project(superuser):
    """A project that has something to show, of somebody who may open everything."""
    lease = make_lease(project=make_project(superuser, credit="20"))
    lease.project.lease = lease
    return lease.project


def everywhere(project):
    return WITHOUT_URL + paths(
        pid=project.pid, lease=project.lease.pk, object_id=project.pk, pk=project.pk, e164=DID.lstrip("+")
    )


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "signed out"])
@pytest.mark.parametrize("caller", AS)
def test_every_answer_of_every_address(project, signed_in, caller, settings):
    seen = set()
    settings_cookies = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, Flash.cookie_name}
    client = Client(headers=AS[caller], raise_request_exception=False)
    if signed_in:
        sign_in(client, project.created_by)
    for where in everywhere(project):
        for method in ("get", "post", "put") if caller == "a browser" else ("get", "post"):
            cache.clear()
            with undone(client):
                answer = getattr(client, method)(where, secure=True)
            keeps_the_rules(answer, where)
            if signed_in and not where.startswith(SIGNS_OUT + MACHINES):
                assert not leads_to_sign_in(answer), (where, method)
            kept = not signed_in and method == "get" and where in PUBLIC
            assert is_private(answer) is not kept, (where, method, answer.headers["Cache-Control"])
            for name, cookie in answer.cookies.items():
                assert name in settings_cookies, (where, name)
                assert (cookie["path"], cookie["domain"]) == ("/", ""), (where, name)
            seen.add(answer.status_code)
    wanted = {200, 302, 400, 403, 404, 405} if signed_in else {200, 302, 400, 401, 403, 404, 405}
    assert seen >= wanted - ({302} if caller == "htmx" and not signed_in else set())
    assert 500 not in seen


def test_downloads(client, project):
    sign_in(client, project.created_by)
    for name in ("credits/history.csv", "numbers/purchased/export.csv"):
        answer = client.get(f"/projects/{project.pid}/{name}", secure=True)
        assert answer.streaming
        assert answer["Content-Disposition"].startswith("attachment")
        keeps_the_rules(answer, name)
        assert is_private(answer)
    assert Transfer.objects.exists()


def test_a_public_page_that_knows_who_reads_it_or_sets_a_cookie_is_private(client, project):
    assert client.get("/", secure=True)["Cache-Control"] == "no-cache"
    sign_in(client, project.created_by)
    assert is_private(client.get("/", secure=True))

    def view(request):
        answer = cacheable(HttpResponse("x"), "no-cache")
        answer.set_cookie("a", "b")
        return answer

    assert is_private(HeadersMiddleware(view)(RequestFactory().get("/")))


def _broken(request):
    raise RuntimeError("on purpose")


class Broken:
    urlpatterns = [path("broken/", _broken), path("api/broken", _broken)]
    handler500 = "portal.edge.errors.server_error"


def test_a_bug(settings):
    settings.ROOT_URLCONF = Broken
    client = Client(raise_request_exception=False)
    for where in ("/broken/", "/api/broken"):
        answer = client.get(where, secure=True)
        assert answer.status_code == 500
        keeps_the_rules(answer, where)
        assert is_private(answer)


@pytest.mark.usefixtures("one_minute")
def test_too_large_and_too_often(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    large = [client.post(where, {"a": "x" * 20_000}, secure=True) for where in ("/accounts/login/", "/purchasenumber")]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    often = [client.post("/accounts/login/", {"login": "a@b.example", "password": "x"}, secure=True) for _ in range(2)]
    settings.LIST_NUMBERS_PER_MINUTE = 1
    program = [client.get("/listnewnumbers?country=US", secure=True) for _ in range(2)]
    assert [answer.status_code for answer in (*large, often[1], program[1])] == [413, 413, 429, 429]
    for answer in (*large, often[1], program[1]):
        keeps_the_rules(answer, answer.status_code)
        assert is_private(answer)


def test_only_a_switch_may_keep_a_route(client):
    set_price()
    set_pstn(lease=make_lease(project=make_project(credit="1")), target="+442079460018", by=SYSTEM, now=NOW)
    secret = switch_secret()
    asked = {"Authorization": f"Bearer {secret}"}
    answer = client.get(f"/carrier/v1/routes/{DID}", headers=asked, secure=True)
    assert answer["Cache-Control"] == "private, max-age=30"
    keeps_the_rules(answer, "route")


def test_files_of_the_release_are_kept(client, settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    file = client.get("/static/css/portal.css", secure=True)
    assert (file.status_code, is_private(file)) == (200, False)
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Strict-Transport-Security"] == "max-age=31536000"


def test_the_walk_finds_addresses_without_a_name():
    found = paths(pid="PID")
    assert {
        "/",
        "/projects/PID/",
        "/projects/PID/numbers/purchased/1/",
        "/admin/login/",
        "/accounts/",
        "/listnewnumbers",
        "/carrier/v1/routes/+12125550100",
        "/admin/accounts/user/1/",
    } <= set(found)
    assert len(found) > 150
