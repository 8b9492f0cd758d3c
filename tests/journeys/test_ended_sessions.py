"""The session ends while a page is open: the browser comes to the whole sign-in page, and back with what was typed."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from numbers.inventory import stats
from tests.support.inventory import make_number
from tests.support.leases import make_lease
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
