"""The session ends while a page is open: the browser comes to the whole sign-in page, and back with what was typed."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from numbers.carrier import credentials
from numbers.inventory import stats
from numbers.models import Message
from tests.carrier.sms import hand_over, message
from tests.support.inventory import make_number
from tests.support.leases import make_lease
from tests.support.messaging import set_messaging_url
from tests.support.projects import fund

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lease():
    make_number("+12125550177")
    stats.refresh()
    lease = make_lease()
    fund(lease.project, "20")
    return lease


def end_sessions():
    Session.objects.all().delete()


def test_a_purchase_dialog_asks_to_sign_in_and_comes_back_to_the_search(signed_in_page, live_server, lease):
    page = signed_in_page(lease.project.created_by)
    page.goto(live_server.url + reverse("numbers:search", args=[lease.project.pid]) + "?country=US&pattern=0177")
    end_sessions()
    page.locator(".nt-buy a").first.click()
    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page).to_have_url(re.compile("numbers%2Fbuy%2F%3Fcountry%3DUS%26pattern%3D0177"))
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_what_was_typed_is_in_the_form_again(signed_in_page, live_server, lease):
    page = signed_in_page(lease.project.created_by)
    page.goto(live_server.url + reverse("numbers:lease", args=[lease.project.pid, lease.pk]))
    end_sessions()
    page.locator("[name=friendly_name]").fill("Hotline Köln")
    page.locator("form", has=page.locator("[name=friendly_name]")).get_by_role("button").first.click()
    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_text("What you entered is kept")).to_be_visible()
    back = page.locator("[name=next]").input_value()
    again = signed_in_page(lease.project.created_by)
    again.goto(live_server.url + back)
    expect(again.locator("[name=friendly_name]")).to_have_value("Hotline Köln")
    expect(again.locator("#kept")).to_be_visible()
    free = again.evaluate("parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0")
    assert free >= again.locator(".top-bar").evaluate("bar => bar.offsetHeight")  # or the bar covers the notice


def test_a_url_for_events_is_in_the_form_again(signed_in_page, live_server, lease):
    pid = lease.project.pid
    page = signed_in_page(lease.project.created_by)
    page.goto(live_server.url + reverse("projects:webhooks", args=[pid]))
    end_sessions()
    page.locator("[name=url]").fill("https://example.com:443/events")
    page.get_by_role("button", name="Update URL").click()
    page.wait_for_url("**/accounts/login/**")
    back = page.locator("[name=next]").input_value()
    again = signed_in_page(lease.project.created_by)
    again.goto(live_server.url + back)
    expect(again.locator("[name=url]")).to_have_value("https://example.com:443/events")


def test_a_message_that_asks_again_by_itself_leads_to_sign_in_and_back(signed_in_page, live_server, lease):
    set_messaging_url(lease, "https://example.com:443/incomingsms")
    secret = credentials.create(switch_id="gw1", scopes=["sms"])[1]
    assert hand_over(message(to=lease.number.e164), secret).status_code == 202
    page = signed_in_page(lease.project.created_by)
    here = reverse("numbers:message", args=[lease.project.pid, Message.objects.get().message_id])
    page.goto(live_server.url + here)
    expect(page.get_by_text("It is being sent.")).to_be_visible()
    end_sessions()
    page.wait_for_url("**/accounts/login/**")
    expect(page.locator("[name=next]")).to_have_value(here)
