"""The messages panel of a number: on its page, with and without htmx, and below its row in Purchased Numbers."""

import re

import pytest
from django.urls import reverse

from numbers.messaging import services
from numbers.messaging.queries import find, own_settings
from numbers.models import Lease, MessageSettingsVersion, NumberMessageSettings
from portal.core.errors import DomainError
from projects import suspension
from projects.actor import SYSTEM
from projects.models import Role, WebhookEndpoint
from projects.services import archive_project
from projects.webhooks.sealing import MASK, OwnHeaders
from projects.webhooks.targets import TargetSettings
from tests.support.leases import NOW, leave_unpaid, make_lease
from tests.support.messaging import set_messaging_url
from tests.support.pages import html, text, words
from tests.support.people import sign_in
from tests.support.projects import add_member
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
URL, OTHER = "https://example.com:443/incomingsms", "https://example.com:443/other"
USUAL = {"url": URL, "method": "POST", "request_text": "incoming-sms"}
OWN = OwnHeaders((("X-Token", "s3cret"), ("X-Kind", "sms")), ("anna", "pa55word"))
STORED = {"headers": f"X-Token: {MASK}\nX-Kind: {MASK}", "basic_user": "anna", "basic_password": ""}


@pytest.fixture
def lease():
    return make_lease()


@pytest.fixture
def me(client, lease):
    return sign_in(client, lease.project.created_by)


def address(lease, action="url"):
    return f"/projects/{lease.project.pid}/numbers/purchased/{lease.pk}/messaging/{action}/"


def page(lease):
    return reverse("numbers:lease", args=[lease.project.pid, lease.pk])


def in_list(lease, name="purchased"):
    return HTMX | {"HX-Current-URL": "http://testserver" + reverse(f"numbers:{name}", args=[lease.project.pid])}


@pytest.fixture(params=["plain", "htmx"])
def send(request, me, lease):
    """``send(values)`` → the panel afterwards, read on the page that a plain form leads to, or in the swap."""

    def send(values=None, status=200, action="url"):
        headers = HTMX if request.param == "htmx" else {}
        answer = me.post(address(lease, action), USUAL | (values or {}), headers=headers, follow=True)
        assert answer.status_code == status, text(answer)
        assert ("<html" in answer.content.decode()) == (request.param == "plain")
        return answer.content.decode()

    return send


def panel_of(page):
    return words(page[page.index('id="messaging-') :].partition("</section>")[0].partition(">")[2])


def error(page, field):
    return words(re.search(rf'id="messaging-\d+-{field}_error">(.*?)</div>\s*</div>', page, re.S)[1])


def stored(lease):
    return own_settings(find(lease.project, lease.pk))


def test_a_url_is_set_and_shown_with_its_method(send, lease):
    shown = send({"url": " https://Example.com/incomingsms:443 ", "method": "GET"})
    assert f"Messages now go to GET {URL}." in words(shown)
    assert panel_of(shown).startswith(f"Incoming messages GET {URL}")
    assert stored(lease) == TargetSettings(url=URL, method="GET")


def test_everything_is_one_form_and_one_version(send, lease):
    values = {
        "request_text": " hello ",
        "fallback_url": OTHER,
        "headers": "X-Token: s3cret\n\nX-Kind:sms",
        "basic_user": "anna",
        "basic_password": "pa55word",
    }
    shown = send(values)
    assert stored(lease) == TargetSettings(URL, "POST", "hello", OTHER, OWN)
    assert MessageSettingsVersion.objects.filter(lease=lease).count() == 1
    assert f"If that fails: {OTHER}" in panel_of(shown)
    assert "s3cret" not in shown
    assert "pa55word" not in shown
    assert f"X-Token: {MASK}" in shown


def test_what_comes_back_masked_or_empty_stays_stored(send, lease):
    set_messaging_url(lease, URL, own=OWN)
    send(STORED | {"url": OTHER})
    assert (stored(lease).url, stored(lease).own) == (OTHER, OWN)
    send(STORED | {"headers": f"X-Kind: call\nx-token: {MASK}"})
    assert stored(lease).own.headers == (("X-Kind", "call"), ("x-token", "s3cret"))
    send({"headers": "", "basic_user": "anna", "basic_password": "new one "})
    assert stored(lease).own == OwnHeaders((), ("anna", "new one "))
    send({"basic_user": "", "basic_password": ""})
    assert stored(lease).own == OwnHeaders()


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"url": ""}, "url", "Enter the URL of your server"),
        ({"url": "https://example.com/sms"}, "url", "Did you mean https://example.com:443/sms?"),
        ({"url": "https://10.0.0.1:443/"}, "url", "not an IP address"),
        ({"url": "x" * 5000}, "url", "at most 4000 characters"),
        ({"method": "PUT"}, "method", "Choose POST or GET."),
        ({"method": ""}, "method", "Choose POST or GET."),
        ({"request_text": ""}, "request_text", "Enter a text; incoming-sms is usual."),
        ({"request_text": "x" * 101}, "request_text", "Enter 1 to 100 characters."),
        ({"fallback_url": URL}, "fallback_url", "the same as the first one"),
        ({"fallback_url": "example.com"}, "fallback_url", "begins with https://"),
        ({"headers": "hello"}, "headers", "Line 1: write a name, a colon and a value"),
        ({"headers": "Host: x"}, "headers", "set by us"),
        ({"headers": f"X-New: {MASK}"}, "headers", "Enter the whole value of X-New"),
        ({"headers": f"X-Token: {MASK}x"}, "headers", "Enter the whole value of X-Token"),
        ({"basic_user": "ben", "basic_password": ""}, "basic_password", "Enter both a user name and a password"),
        ({"basic_user": "", "basic_password": "x"}, "basic_user", "Enter both a user name and a password"),
    ],
)
def test_what_is_refused_stands_beside_its_field_and_nothing_is_lost(send, lease, values, field, message):
    set_messaging_url(lease, OTHER, own=OWN)
    given = {"url": URL, "request_text": "my text", "headers": "X-Mine: 1"} | values
    shown = send(given, 422)
    assert message in error(shown, field)
    for name in ("url", "request_text"):
        assert f'value="{given[name].strip()}"' in shown or not given[name]
    assert given["headers"] in shown
    assert (stored(lease).url, stored(lease).own) == (OTHER, OWN)
    opened = re.search(r'<details class="messaging-more"[^>]*\sopen', shown) is not None
    assert opened == (field not in ("url", "method") or bool(values.get("basic_password")))


def test_a_password_that_was_typed_is_not_shown_again_and_that_is_said(send):
    shown = send({"url": "", "basic_user": "anna", "basic_password": "pa55word"}, 422)
    assert "pa55word" not in shown
    assert 'value="anna"' in shown
    assert "The password that you typed is not shown again: enter it once more." in panel_of(shown)


def test_a_url_is_removed_and_the_default_holds(send, lease):
    set_messaging_url(lease, URL)
    shown = send(action="remove")
    assert "Nothing is set: messages are kept, but not delivered." in panel_of(shown)
    assert "Remove URL" not in panel_of(shown)
    assert "Send test message" not in panel_of(shown)
    set_messaging_url(lease, URL)
    set_messaging_url(lease.project, OTHER, method="GET")
    shown = send(action="remove")
    assert f"Project default: GET {OTHER}" in panel_of(shown)
    assert f"Messages now follow the project default, GET {OTHER}." in words(shown)
    assert "Send test message" in panel_of(shown)
    assert "Remove URL" not in panel_of(shown)
    assert "Project default" in panel_of(send(action="remove")), "another tab was faster"


def test_another_tab_was_faster(me, lease):
    """The answer shows what stands now, also when what was sent is refused."""
    set_messaging_url(lease, OTHER)
    answer = me.post(address(lease), USUAL | {"url": ""}, headers=HTMX)
    assert f"POST {OTHER}" in panel_of(answer.content.decode())
    set_messaging_url(lease, OTHER, own=OwnHeaders())
    answer = me.post(address(lease), USUAL | {"headers": f"X-Token: {MASK}"}, headers=HTMX)
    assert "no such value is stored" in error(answer.content.decode(), "headers")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"off_at": NOW, "off_reason": "gone"}, "This URL has been switched off since 20 Nov 2026, 12:00 UTC"),
        ({"failing_since": NOW, "last_failure_at": NOW}, "URL have failed since 20 Nov 2026, 12:00 UTC."),
    ],
)
@pytest.mark.parametrize("inherited", [False, True])
def test_a_url_that_does_not_work_is_said_on_top(me, lease, values, message, inherited):
    set_messaging_url(lease.project if inherited else lease, URL)
    WebhookEndpoint.objects.update(**values)
    shown = html(me.get(page(lease)))
    assert message in panel_of(shown)
    assert f'<a href="/projects/{lease.project.pid}/webhooks/">See why under Webhooks</a>' in shown


def test_a_suspended_number_keeps_its_messages(me, lease):
    leave_unpaid(lease, "suspended")
    assert "messages are kept, and delivered once it is paid" in panel_of(html(me.get(page(lease))))


def test_a_number_for_calls_only_has_no_panel_and_takes_no_url(me, lease):
    voice = make_lease("+12125550103", lease.project, sms=False)
    assert "Incoming messages" not in text(me.get(page(voice)))
    answer = me.post(address(voice), USUAL, headers=HTMX)
    assert answer.status_code == 422
    assert "This number is for calls only; it cannot receive messages." in text(answer)
    assert not NumberMessageSettings.objects.exists()


def test_a_reader_sees_everything_and_changes_nothing(client, lease):
    set_messaging_url(lease, URL, fallback_url=OTHER)
    shown = panel_of(html(sign_in(client, add_member(lease.project)).get(page(lease))))
    assert f"POST {URL} If that fails: {OTHER}" in shown
    for part in ("Update", "Remove", "Send test", "More settings"):
        assert part not in shown
    for action in ("url", "remove", "test", "restore"):
        assert client.post(address(lease, action), USUAL).status_code == 403


def test_a_developer_sets_a_url(client, lease):
    sign_in(client, add_member(lease.project, Role.DEVELOPER))
    assert client.post(address(lease), USUAL).status_code == 302
    assert stored(lease).url == URL


@pytest.mark.parametrize("status", ["archived", "suspended"])
def test_a_project_that_is_not_active_shows_no_form_and_takes_none(me, lease, status):
    set_messaging_url(lease, URL)
    if status == "archived":
        archive_project(project=lease.project, typed_name=lease.project.name, by=SYSTEM)
    else:
        suspension.suspend(project=lease.project, reason="Unpaid invoices", by=SYSTEM, now=NOW)
    assert "Update URL" not in panel_of(html(me.get(page(lease))))
    for headers in ({}, HTMX):
        answer = me.post(address(lease), USUAL | {"url": OTHER}, headers=headers)
        assert answer.status_code == 422
        assert status in panel_of(answer.content.decode())
    for action in ("remove", "test"):
        assert me.post(address(lease, action)).status_code in (403, 409)
    assert stored(lease).url == URL


def test_released_meanwhile(me, lease):
    gone = make_lease("+12125550105", lease.project, status="released")
    answer = me.post(address(gone), USUAL, headers=HTMX)
    assert answer.status_code == 422
    assert "already been released" in text(answer)
    answer = me.post(address(gone, "test"), headers=HTMX)
    assert (answer.status_code, "already been released" in text(answer)) == (409, True)
    assert "Incoming messages" not in text(me.get(page(gone)))
    with pytest.raises(DomainError):
        services.change_number(lease=gone, change=lambda _: TargetSettings(url=URL), by=SYSTEM, now=NOW)


# -- versions -------------------------------------------------------------------------------------------------------


def versions_of(page):
    return words(page[page.index('id="message-versions"') :].partition("</section>")[0].partition(">")[2])


def test_versions_and_going_back(me, lease):
    assert "Nothing has been set so far." in versions_of(html(me.get(page(lease))))
    set_messaging_url(lease, URL)
    set_messaging_url(lease, OTHER, own=OWN)
    shown = versions_of(html(me.get(page(lease))))
    assert shown.index("Version 2") < shown.index("Version 1")
    assert f"Messages go to POST {OTHER} instead of POST {URL}. Own headers: X-Token, X-Kind." in shown
    answer = me.post(address(lease, "restore"), {"version": 1}, follow=True)
    assert answer.redirect_chain == [(f"{page(lease)}#message-versions", 302)]
    assert f"Went back to version 1. Messages go to POST {URL}" in text(answer)
    assert (stored(lease).url, stored(lease).own) == (URL, OWN)
    assert "went back to version 1" in versions_of(html(me.get(page(lease))))
    for nonsense in ("", "x", "99", "9" * 30):
        answer = me.post(address(lease, "restore"), {"version": nonsense}, follow=True)
        assert "cannot be set any more" in text(answer)


def test_old_versions_are_on_further_pages(me, lease):
    for n in range(12):
        set_messaging_url(lease, f"https://example.com:443/{n}")
    shown = html(me.get(page(lease)))
    assert "Version 3 " in versions_of(shown)
    assert "Version 2 " not in versions_of(shown)
    following = re.search(r'rel="next" href="([^"]+)"', shown[shown.index('id="message-versions"') :])[1]
    assert following.endswith("?message_versions_before=3#message-versions")
    older = versions_of(html(me.get(following.partition("#")[0])))
    assert "Version 2 " in older
    assert "Now" not in older.split()
    for nonsense in ("x", "-1", "9" * 40):
        assert me.get(f"{page(lease)}?message_versions_before={nonsense}").status_code == 200


def test_a_change_by_htmx_shows_it_in_history_and_versions(me, lease):
    shown = me.post(address(lease), USUAL, headers=HTMX).content.decode()
    assert "changed the incoming messages" in shown[shown.index('id="number-history"') :]
    assert f"Messages go to POST {URL}" in versions_of(shown)


# -- in lists -------------------------------------------------------------------------------------------------------


def test_expand_shows_both_panels_in_one_row(me, lease):
    where = reverse("numbers:route", args=[lease.project.pid, lease.pk])
    shown = me.get(where, headers=in_list(lease)).content.decode()
    assert shown.strip().startswith(f'<tr class="routing-row" id="routing-row-{lease.pk}">')
    assert shown.index(f'id="routing-{lease.pk}"') < shown.index(f'id="messaging-{lease.pk}"')
    assert "Incoming messages of +1 212-555-0101" in words(shown)
    assert me.get(where).headers["Location"] == page(lease)
    voice = make_lease("+12125550103", lease.project, sms=False)
    shown = me.get(reverse("numbers:route", args=[lease.project.pid, voice.pk]), headers=in_list(lease))
    assert "Incoming messages" not in text(shown)


def test_after_a_change_the_row_above_says_where_messages_go(me, lease):
    shown = me.post(address(lease), USUAL, headers=in_list(lease)).content.decode()
    cell = shown[shown.index(f'<div id="messages-{lease.pk}" hx-swap-oob="true">') :].partition("</div>\n")[0]
    assert f"POST {URL}" in words(cell)
    assert "number-history" not in shown
    refused = me.post(address(lease), USUAL | {"url": ""}, headers=in_list(lease)).content.decode()
    assert "hx-swap-oob" not in refused


def cell(shown, lease):
    return words(re.search(rf'<div id="messages-{lease.pk}">(.*?)</td>', shown, re.S)[1])


def test_purchased_numbers_say_where_messages_go(me, lease):
    own, long, voice = (make_lease(f"+1212555010{n}", lease.project, sms=n != 4) for n in (2, 3, 4))
    where = reverse("numbers:purchased", args=[lease.project.pid])
    assert cell(html(me.get(where)), lease) == "Not set"
    set_messaging_url(own, URL, method="GET")
    set_messaging_url(long, f"https://example.com:443/{'x' * 90}")
    set_messaging_url(lease.project, OTHER)
    shown = html(me.get(where))
    assert cell(shown, lease) == f"POST (project default) {OTHER}"
    assert cell(shown, own) == f"GET {URL}"
    assert cell(shown, long) == f"POST https://example.com:443/{'x' * 23}…"
    assert cell(shown, voice) == "–"


def test_as_many_queries_with_many_versions_and_numbers(me, lease):
    me.get("/projects/")
    few = query_count(me, page(lease))
    assert few <= 10
    set_messaging_url(lease.project, OTHER)
    for n in range(15):
        set_messaging_url(lease, f"https://example.com:443/{n}", own=OWN)
    assert query_count(me, page(lease)) <= few
    assert Lease.objects.count() == 1
