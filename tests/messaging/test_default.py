"""Number Settings › Set Message Post URL: where messages of numbers without a URL of their own go."""

import json
import re

import pytest
from django.urls import reverse

from numbers.messaging.queries import default_settings
from numbers.models import MessageSettingsVersion
from projects.actor import SYSTEM
from projects.models import WebhookDelivery, WebhookEndpoint
from projects.services import archive_project
from projects.webhooks.sealing import MASK, OwnHeaders
from projects.webhooks.testing import PER_MINUTE
from tests.messaging.test_panel import OTHER, STORED, URL, USUAL, versions_of
from tests.messaging.test_panel import OWN as STORED_OWN
from tests.support.leases import NOW, make_lease
from tests.support.messaging import set_messaging_url
from tests.support.pages import html, text, words
from tests.support.people import sign_in
from tests.support.projects import add_member
from tests.support.queries import query_count
from tests.support.webhooks import deliver

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return make_lease()


@pytest.fixture
def me(client, lease):
    return sign_in(client, lease.project.created_by)


def where(lease, action=None):
    name = "number_settings" if action is None else f"messaging_default{action}"
    return reverse(f"numbers:{name}", args=[lease.project.pid])


def card(answer):
    shown = answer.content.decode()
    return shown[shown.index('id="messaging-default"') :].partition("</section>")[0].partition(">")[2]


def stored(lease):
    return default_settings(lease.project, before=None, most=1).settings


def test_uploaded_shown_and_deleted(me, lease):
    make_lease("+12125550102", lease.project)
    set_messaging_url(make_lease("+12125550103", lease.project), OTHER)
    make_lease("+12125550104", lease.project, sms=False)
    shown = words(card(me.get(where(lease))))
    assert shown.startswith("Set Message Post URL Gets the SMS")
    assert "now 2 numbers would use it." in shown
    assert "Add the URL for messages" in shown
    answer = me.post(where(lease, ""), USUAL | {"url": "https://example.com/incomingsms:443"}, follow=True)
    assert "The URL was saved" in text(answer)
    assert f"Now 2 numbers . POST {URL} Send test message Delete" in words(card(answer))
    assert stored(lease).url == URL
    assert f"Delete {URL}" in card(answer)
    answer = me.post(where(lease, "_delete"), follow=True)
    assert "The URL was deleted." in text(answer)
    assert "would use it" in words(card(answer))
    assert stored(lease).url == ""


def test_what_is_refused_stands_beside_its_field_and_nothing_is_lost(me, lease):
    typed = USUAL | {"url": "https://10.0.0.1:443/", "request_text": "mine", "basic_password": "pa55word"}
    answer = me.post(where(lease, ""), typed)
    assert answer.status_code == 422
    shown = card(answer)
    refusal = words(re.search(r'id="messaging-default-url_error">(.*?)</div>\s*</div>', shown, re.S)[1])
    assert "not an IP address" in refusal
    assert 'value="mine"' in shown
    assert "pa55word" not in shown
    assert "enter it once more" in shown
    assert re.search(r'<details class="routing-edit" open', shown)
    answer = me.post(where(lease, ""), USUAL | {"fallback_url": URL})
    assert answer.status_code == 422
    assert "the same as the first one" in words(card(answer))


def test_stored_secrets_stay_and_are_never_shown(me, lease):
    set_messaging_url(lease.project, URL, own=STORED_OWN)
    shown = card(me.get(where(lease)))
    assert f"X-Token: {MASK}" in shown
    assert "s3cret" not in shown
    me.post(where(lease, ""), USUAL | STORED | {"url": OTHER})
    assert (stored(lease).url, stored(lease).own) == (OTHER, STORED_OWN)
    me.post(where(lease, ""), USUAL)
    assert stored(lease).own == OwnHeaders()


def test_a_test_message_goes_there_for_a_number_that_uses_it(me, lease, receiver):
    answer = me.post(where(lease, "_test"), follow=True)
    assert "No URL is set, so there is nowhere to send a test message to." in text(answer)
    set_messaging_url(lease.project, receiver.url)
    set_messaging_url(make_lease("+12125550102", lease.project), OTHER)
    answer = me.post(where(lease, "_test"))
    found = WebhookDelivery.objects.get()
    assert answer.headers["Location"] == reverse(
        "projects:webhook_delivery", args=[lease.project.pid, found.webhook_id]
    )
    deliver()
    (request,) = receiver.received
    assert json.loads(request.body)["destination"] == lease.number.e164


@pytest.mark.usefixtures("one_minute")
def test_only_so_many_tests_a_minute(me, lease):
    set_messaging_url(lease.project, URL)
    statuses = [me.post(where(lease, "_test")).status_code for _ in range(PER_MINUTE + 1)]
    assert statuses == [*[302] * PER_MINUTE, 429]
    assert WebhookDelivery.objects.count() == PER_MINUTE


def test_a_url_that_does_not_work_is_said(me, lease):
    set_messaging_url(lease.project, URL)
    WebhookEndpoint.objects.update(off_at=NOW, off_reason="gone")
    assert "This URL has been switched off since 20 Nov 2026" in words(card(me.get(where(lease))))


def test_versions_are_a_list_of_their_own(me, lease):
    set_messaging_url(lease.project, URL)
    set_messaging_url(lease.project, OTHER, method="GET")
    set_messaging_url(lease, URL)
    shown = html(me.get(where(lease)))
    assert "Versions of the call settings" in shown
    assert f"Messages go to GET {OTHER} instead of POST {URL}." in versions_of(shown)
    assert versions_of(shown).count("Version ") == 2
    answer = me.post(where(lease, "_restore"), {"version": 1}, follow=True)
    assert answer.redirect_chain == [(f"{where(lease)}#message-versions", 302)]
    assert "Went back to version 1." in text(answer)
    assert (stored(lease).url, stored(lease).method) == (URL, "POST")
    answer = me.post(where(lease, "_restore"), {"version": 99}, follow=True)
    assert "There is no such version." in text(answer)


def test_archived_meanwhile_and_read_only(me, client, lease):
    set_messaging_url(lease.project, URL)
    archive_project(project=lease.project, typed_name=lease.project.name, by=SYSTEM)
    answer = me.post(where(lease, ""), USUAL | {"url": OTHER})
    assert answer.status_code == 409
    assert "archived" in words(card(answer))
    for action in ("_delete", "_test"):
        assert "archived" in text(me.post(where(lease, action), follow=True))
    assert stored(lease).url == URL
    shown = card(sign_in(client, add_member(lease.project)).get(where(lease)))
    assert URL in shown
    assert "<form" not in shown
    for action in ("", "_delete", "_test", "_restore"):
        assert client.post(where(lease, action), USUAL).status_code == 403


def test_the_page_costs_as_many_queries_for_many_numbers(me, lease):
    me.get("/projects/")
    set_messaging_url(lease.project, URL)
    few = query_count(me, where(lease))
    assert few <= 10
    for n in range(15):
        make_lease(f"+121255502{n:02}", lease.project)
        set_messaging_url(lease.project, f"https://example.com:443/{n}", own=STORED_OWN)
    assert query_count(me, where(lease)) <= few
    assert MessageSettingsVersion.objects.count() == 16
