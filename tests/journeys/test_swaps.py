"""What htmx replaces: the keyboard keeps its place, the outcome is announced, and Back leads to what was there."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from numbers.inventory import stats
from tests.leases.data import buy
from tests.support.inventory import make_number

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def leases(project):
    now = timezone.now() - timedelta(days=3)
    return [
        buy(project, "+12125550100", now=now),
        buy(project, "+442079460100", country="GB", region="England", city="London", now=now),
    ]


def test_setting_a_number_keeps_the_keyboard_and_the_history(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    at = f"/projects/{project.pid}/numbers/purchased/{leases[0].pk}/"
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.goto(at)
    page.get_by_role("radio", name="PSTN").check()
    page.get_by_role("combobox", name="Country code").fill("UK")
    page.keyboard.press("Enter")
    page.locator(".routing-option-pstn [name=pstn_number]").fill("020 7946 0018")
    page.get_by_role("button", name="Set Number").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Change the PSTN number")).to_be_visible()
    expect(page.get_by_role("button", name="Set Number")).to_be_focused()
    expect(page.locator("#number-history li").first).to_contain_text("+44 20 7946 0018")
    page.get_by_role("button", name="Delete +44 20 7946 0018").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add PSTN Number")).to_be_visible()
    expect(page.get_by_role("heading", name="Incoming calls")).to_be_focused()  # its button is gone
    page.go_back()
    expect(page).to_have_url(re.compile("/purchased/$"))
    page.go_forward()
    page.get_by_role("radio", name="PSTN").check()
    expect(page.get_by_role("heading", name="Add PSTN Number")).to_be_visible()


def test_the_next_page_begins_at_its_heading(project, owner, signed_in_page):
    for n in range(25):
        make_number(f"+121255501{n:02d}")
    stats.refresh()
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=US")
    page.get_by_role("link", name="Next").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("after="))
    expect(page.locator("#results h2")).to_be_focused()
    expect(page.locator("#results h2")).to_be_in_viewport()
    expect(page.locator("#announcer")).to_have_text("25 numbers")


def test_a_search_keeps_the_field_and_is_announced(project, owner, signed_in_page):
    make_number("+12125550100")
    make_number("+12125552255")
    stats.refresh()
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=US")
    page.get_by_label("Digits or letters").focus()
    page.keyboard.type("2255")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("1 number")
    expect(page.get_by_label("Digits or letters")).to_be_focused()
    assert (
        page.evaluate("sessionStorage.getItem('htmx-history-cache') ?? localStorage.getItem('htmx-history-cache')")
        is None
    )


def test_a_filter_is_announced_and_back_shows_the_filters_of_its_address(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/?country=US")
    country = page.get_by_label("Country")
    expect(country).to_have_value("US")
    country.select_option("GB")
    page.wait_for_url("**country=GB*")
    expect(page.locator("#announcer")).to_have_text("1 number shown")
    country.select_option("")
    expect(page.locator("#announcer")).to_have_text("2 numbers shown")
    page.go_back()
    page.wait_for_url("**country=GB*")
    expect(page.locator(".purchased-numbers .phone-number")).to_have_text(["+44 20 7946 0100"])
    expect(country).to_have_value("GB")
    page.go_back()
    expect(page.locator(".purchased-numbers .phone-number")).to_have_text(["+1 212-555-0100"])
    expect(country).to_have_value("US")
    page.go_forward()
    expect(page.locator(".purchased-numbers .phone-number")).to_have_text(["+44 20 7946 0100"])
    expect(country).to_have_value("GB")


def test_closing_the_results_of_an_act_leads_back_to_its_button(project, owner, leases, signed_in_page):
    """The list with the button was read anew behind the dialog; nothing is ticked there any more."""
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.get_by_label("Select all").check()
    page.get_by_role("button", name="Lock", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("heading")).to_be_focused()
    expect(page.locator(".lock-mark")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")


def test_after_signing_out_back_shows_nothing_private(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    expect(page.get_by_text("+1 212-555-0100").first).to_be_visible()
    page.locator("summary[aria-label='Your account']").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("body.console")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("+1 212-555-0100")).to_have_count(0)


def test_offline_the_form_stays_and_can_be_sent_later(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    page.watch.allow("ERR_INTERNET_DISCONNECTED")
    page.watch.allow("htmx:")
    page.goto(f"/projects/{project.pid}/numbers/purchased/{leases[0].pk}/")
    page.get_by_label("Friendly name").fill("Support line")
    page.get_by_role("radio", name="PSTN").check()
    page.get_by_role("combobox", name="Country code").fill("UK")
    page.keyboard.press("Enter")
    page.locator(".routing-option-pstn [name=pstn_number]").fill("020 7946 0018")
    page.context.set_offline(True)
    page.get_by_role("button", name="Set Number").click()
    expect(page.get_by_text("No answer from the server.")).to_be_visible()
    expect(page.get_by_role("button", name="Set Number")).to_be_focused()
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text("You are offline.")).to_be_visible()
    expect(page.get_by_label("Friendly name")).to_have_value("Support line")
    page.context.set_offline(False)
    page.get_by_role("button", name="Set Number").click()
    expect(page.get_by_text("Calls now go to +44 20 7946 0018.")).to_be_visible()
    page.get_by_role("button", name="Save name").click()
    expect(page.locator(".page-head-sub")).to_have_text("Support line")
