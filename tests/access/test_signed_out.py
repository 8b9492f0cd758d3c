"""Walks the whole URL configuration as somebody whose session has ended: the way back is a page that GET opens."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from portal.core import pages
from tests.access.addresses import everywhere, lease_of_staff
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = {}


@pytest.fixture
def lease():
    return lease_of_staff()


@pytest.fixture
def owner(lease):
    client = Client(raise_request_exception=False)
    sign_in(client, lease.project.created_by)
    return client


def next_of(address):
    return parse_qs(urlsplit(address).query).get("next", [""])[0]


def opens(owner, address):
    """Whether GET shows a page there, or leads to one; 403 and 404: the thing is closed, or not there at all."""
    return owner.get(address).status_code in (200, 301, 302, 303, 403, 404, 410)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_browser_is_led_back_to_a_page(lease, owner, method):
    led = 0
    for where in everywhere(lease):
        cache.clear()
        answer = getattr(Client(raise_request_exception=False), method)(where)
        if not answer.headers.get("Location", "").startswith(LOGIN):
            continue
        back = next_of(answer.url)
        if back:
            led += 1
            assert pages.is_page(back), (where, back)
            assert opens(owner, back), (where, back)
    assert led > 100


@pytest.mark.parametrize("method", ["get", "post"])
def test_htmx_is_sent_to_sign_in_and_back_to_the_page_it_is_on(lease, owner, method):
    page = f"/projects/{lease.project.pid}/numbers/buy/?country=US&pattern=12%2A"
    sent = 0
    for where in everywhere(lease):
        cache.clear()
        answer = getattr(Client(raise_request_exception=False), method)(
            where, headers=HTMX | {"HX-Current-URL": f"http://testserver{page}"}
        )
        assert not answer.headers.get("Location", "").startswith("/accounts/"), where
        target = answer.headers.get("HX-Redirect", "")
        if target.startswith(LOGIN) and "next=" in target:
            sent += 1
            assert next_of(target) == page, where
            assert answer.content == b""
    assert sent > 100


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/projects/",
        "//evil.example/",
        "javascript:alert(1)",
        "http://testserver.evil.example/",
        "",
        "http://testserver/purchasenumber",
        "http://testserver/nowhere/at/all/",
        "http://testserver\\@evil.example/",
        "http://testserver/projects/" + "a" * 5000,
        "https://testserver:444/projects/",
        "http://[::1/projects/",
    ],
)
def test_what_htmx_says_of_its_page_is_believed_only_of_our_pages(lease, owner, elsewhere):
    base = f"/projects/{lease.project.pid}/numbers"
    for where in (f"{base}/buy/results/?country=US", f"{base}/purchased/{lease.pk}/name/"):
        headers = HTMX | {"HX-Current-URL": elsewhere}
        for method in ("get", "post"):
            back = next_of(getattr(Client(), method)(where, headers=headers).headers["HX-Redirect"])
            assert back.startswith(f"/projects/{lease.project.pid}/"), (where, back)
            assert opens(owner, back), back


@pytest.mark.parametrize(
    "script", [{"Accept": "application/json"}, {"Sec-Fetch-Dest": "empty"}, {"X-Requested-With": "fetch"}]
)
def test_a_script_learns_where_to_sign_in(lease, script):
    base = f"/projects/{lease.project.pid}/numbers/documents"
    answer = Client().get(f"{base}/checks/", headers=script | {"Referer": f"http://testserver{base}/?state=passed"})
    assert answer.status_code == 401
    assert answer.json()["error"] == "signed_out"
    assert next_of(answer.json()["location"]) == f"{base}/?state=passed"


def test_every_address_that_only_takes_forms_is_known_and_leads_to_their_page(lease, owner):
    known = 0
    for where in everywhere(lease):
        answer = owner.get(where)
        assert answer.status_code != 405, f"{where}: say which page its form is on (portal.core.pages.post_only)"
        if not pages.is_page(where):
            known += 1
            assert answer.status_code == 302, where
            assert opens(owner, answer.url), where
    assert known > 15


def test_each_405_has_a_page_and_says_what_is_allowed(lease, owner):
    refused = 0
    for where in everywhere(lease):
        answer = owner.put(where)
        if answer.status_code == 405:
            refused += 1
            assert "This address cannot be opened" in answer.content.decode(), where
            assert "POST" in answer["Allow"] or "GET" in answer["Allow"], where
    assert refused > 50


def test_to_sign_out_of_the_admin_site_takes_a_form(owner):
    assert owner.get("/admin/logout/").url == "/admin/"


@pytest.mark.parametrize(
    ("headers", "sign"), [(HTMX, "portal-toast"), ({"Accept": "application/json"}, '"code": 405'), ({}, "<h1")]
)
def test_a_405_in_each_form(lease, owner, headers, sign):
    answer = owner.put(f"/projects/{lease.project.pid}/credits/add/", headers=headers)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert sign in answer.content.decode()
    if headers == HTMX:
        assert answer["HX-Retarget"] == "#toasts"


def test_a_script_gets_405_where_a_person_is_led_to_the_page(lease, owner):
    where = f"/projects/{lease.project.pid}/credits/add/"
    assert owner.get(where).url == f"/projects/{lease.project.pid}/credits/"
    assert owner.get(where, headers=HTMX).status_code == 405
    assert owner.head(where).status_code == 302


def test_who_asks_for_a_table_comes_back_to_its_page_with_the_filters(lease):
    base = f"/projects/{lease.project.pid}"
    for table, page in (
        (f"{base}/credits/history.csv?kind=top_up", f"{base}/credits/history/?kind=top_up"),
        (f"{base}/numbers/purchased/export.csv?tag=a", f"{base}/numbers/purchased/?tag=a"),
    ):
        assert next_of(Client().get(table).url) == page


def test_next_itself_never_names_an_address_that_only_takes_forms(lease, owner):
    where = f"/projects/{lease.project.pid}/credits/add/"
    assert owner.get(f"{LOGIN}?next={where}").url == "/projects/"
    assert owner.get(f"{LOGIN}?next=/projects/{lease.project.pid}/").url == f"/projects/{lease.project.pid}/"


def test_after_a_code_was_asked_one_comes_back_to_what_it_was_asked_for(lease):
    page = f"/projects/{lease.project.pid}/keys/"
    for method in ("get", "post"):
        answer = getattr(Client(), method)(f"/accounts/2fa/reauthenticate/?next={page}")
        assert next_of(answer.url) == page
    assert next_of(Client().get("/accounts/2fa/reauthenticate/?next=//evil.example/").url) == ""


def test_the_admin_site_leads_back_too(lease, owner):
    person = make_user()
    path = f"/admin/accounts/user/{person.pk}/change/"
    assert next_of(Client().get(path).url) == path
    assert next_of(Client().get(f"/admin/login/?next={path}").url) == path
    answer = Client().post("/admin/numbers/order/1/approve/", headers=HTMX)
    assert next_of(answer.headers["HX-Redirect"]) == "/admin/numbers/order/1/change/"
