"""SMS › Settings: the numbers with SMS capability and where their messages go."""

import re

import pytest
from django.urls import reverse

from numbers.leases import services as leases
from numbers.messaging import sms_settings_views
from projects.actor import SYSTEM
from tests.messaging.test_panel import HTMX, URL, USUAL, address, cell, in_list
from tests.support.leases import NOW, make_lease
from tests.support.messaging import set_messaging_url
from tests.support.pages import html, text, words
from tests.support.people import sign_in
from tests.support.projects import add_member, make_project
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return make_lease()


@pytest.fixture
def me(client, lease):
    return sign_in(client, lease.project.created_by)


def where(lease):
    return reverse("numbers:sms_settings", args=[lease.project.pid])


def listed(shown):
    return re.findall(r'class="phone-number"[^>]*>([^<]+)<', shown)


def test_it_lists_the_live_numbers_with_sms_of_this_project(me, lease):
    make_lease("+12125550102", lease.project, sms=False)
    make_lease("+12125550103", lease.project, status="released")
    make_lease("+12125550104", lease.project, status="suspended")
    make_lease("+12125550105", make_project())
    shown = html(me.get(where(lease)))
    assert "Numbers with SMS Capability" in shown
    assert listed(shown) == ["+1 212-555-0104", "+1 212-555-0101"]
    assert "Suspended" in words(shown)


def test_the_configuration_column(me, lease):
    set_messaging_url(make_lease("+12125550102", lease.project), f"https://example.com:443/{'x' * 90}", method="GET")
    shown = html(me.get(where(lease)))
    assert cell(shown, lease) == "Not set"
    assert f"GET https://example.com:443/{'x' * 90}" in words(shown)
    set_messaging_url(lease.project, URL)
    assert cell(html(me.get(where(lease))), lease) == f"POST (project default) {URL}"


def test_expand_opens_the_panel_and_update_url_shows_it_in_the_configuration(me, lease):
    row = reverse("numbers:messaging", args=[lease.project.pid, lease.pk])
    assert f'hx-get="{row}"' in html(me.get(where(lease)))
    shown = me.get(row, headers=in_list(lease, "sms_settings")).content.decode()
    assert shown.strip().startswith(f'<tr class="routing-row" id="messaging-row-{lease.pk}">')
    assert "data-expand-close" in shown
    long = f"https://example.com:443/{'x' * 90}"
    shown = me.post(address(lease), USUAL | {"url": long}, headers=in_list(lease, "sms_settings")).content.decode()
    column = shown[shown.index(f'<div id="messages-{lease.pk}" hx-swap-oob="true">') :].partition("</span>")[0]
    assert words(column) == f"POST {long}"
    assert "data-expand-close" in shown
    assert me.get(row).headers["Location"] == reverse("numbers:lease", args=[lease.project.pid, lease.pk])


def test_what_holds_for_all_numbers_stands_on_top(me, lease):
    shown = text(me.get(where(lease)))
    assert "Not set: numbers without a URL of their own keep their messages." in shown
    assert "Made with the first URL." in shown
    set_messaging_url(lease.project, URL, method="GET")
    shown = html(me.get(where(lease)))
    assert f"GET {URL}" in words(shown)
    assert re.search(r"whsec_••••••••[A-Za-z0-9+/]{4}<", shown)  # base64
    for name in ("numbers:number_settings", "projects:webhooks"):
        assert f'href="{reverse(name, args=[lease.project.pid])}' in shown


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("0102", ["+1 212-555-0102"]),
        ("(212) 555", ["+1 212-555-0102", "+1 212-555-0101"]),
        ("HOT", ["+1 212-555-0101"]),
    ],
)
def test_search_by_digits_and_name(me, lease, typed, found):
    make_lease("+12125550102", lease.project)
    leases.rename_lease(lease=lease, name="Hotline", by=SYSTEM, now=NOW)
    assert listed(html(me.get(where(lease), {"q": typed}))) == found
    part = me.get(where(lease), {"q": typed}, headers=HTMX | {"HX-Target": "sms-list"}).content.decode()
    assert "<html" not in part
    assert [each.strip() for each in listed(part)] == found


def test_nothing_matches_and_nothing_there(me, client, lease):
    assert "No number matches" in text(me.get(where(lease), {"q": "nothing"}))
    empty = make_project(lease.project.created_by)
    shown = html(me.get(reverse("numbers:sms_settings", args=[empty.pid])))
    assert "No numbers with SMS yet" in shown
    search = reverse("numbers:search", args=[empty.pid])
    assert f'href="{search}?sms=1"' in shown
    assert re.search(r'name="sms"[^>]*\schecked', html(me.get(f"{search}?sms=1")))


def test_bad_input_in_the_address(me, lease):
    answer = me.get(where(lease), {"q": "x" * 65})
    assert answer.status_code == 422
    assert "at most 64" in text(answer)
    for nonsense in ("x", "0", "9" * 30):
        assert me.get(where(lease), {"before": nonsense}).status_code == 422


def test_pages_of_fifty(me, lease, monkeypatch):
    monkeypatch.setattr(sms_settings_views, "PAGE_SIZE", 2)
    for n in range(2, 6):
        make_lease(f"+1212555010{n}", lease.project)
    seen, following = [], where(lease) + "?q=212"
    while following:
        shown = html(me.get(following.partition("#")[0]))
        seen += listed(shown)
        found = re.search(r'rel="next" href="([^"]+)"', shown)
        following = found and found[1].replace("&amp;", "&")
    assert seen == [f"+1 212-555-010{n}" for n in (5, 4, 3, 2, 1)]


def test_as_many_queries_for_sixty_numbers_as_for_one(me, lease):
    me.get("/projects/")
    set_messaging_url(lease, URL)
    few = query_count(me, where(lease))
    assert few <= 10
    for n in range(60):
        set_messaging_url(make_lease(f"+121255512{n:02}", lease.project), f"https://example.com:443/{n}")
    assert query_count(me, where(lease)) <= few
    assert len(listed(html(me.get(where(lease))))) == 50


def test_the_navigation_leads_there(me, lease, client):
    shown = html(me.get(reverse("dashboard", args=[lease.project.pid])))
    group = shown[shown.index("<span>SMS</span>") :].partition("</details>")[0]
    assert re.search(rf'href="{where(lease)}">Settings', group)
    current = html(sign_in(client, add_member(lease.project)).get(where(lease)))
    assert re.search(r'aria-current="page">Settings', current)
