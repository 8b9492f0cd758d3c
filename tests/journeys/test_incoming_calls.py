"""Incoming calls by the guide's steps 3.4.1–3.4.23, in Purchased Numbers, with the mouse and by keyboard alone."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from numbers.models import CallRoute
from tests.journeys.conftest import give_session
from tests.journeys.whole_job.hands import Keyboard, Mouse
from tests.leases.data import buy
from tests.support.app_users import add_app_user
from tests.support.prices import set_price

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def leases(project):
    set_price("GB")
    for name in ("anna", "ben"):
        add_app_user(project, name)
    return [buy(project, number, now=timezone.now()) for number in ("+12125550100", "+12125550101")]


@pytest.fixture
def listed(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    return page


def expand(page, lease):
    return page.locator(f"#lease-{lease.pk}").get_by_role("link", name="Expand")


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_the_guides_steps(listed, project, leases, hands, accessible):
    page, hand, lease = listed, hands(listed), leases[0]
    hand.press(expand(page, lease))
    panel = page.locator(f"#routing-{lease.pk}")
    expect(panel.get_by_role("heading", name="Incoming calls of +1 212-555-0100")).to_be_focused()
    expect(panel).to_contain_text("Nothing is set: calls are not connected.")

    hand.pick(panel.get_by_role("radio", name=f"{project.name} Users"))
    for name in ("anna", "ben"):
        hand.write(panel.get_by_label("App Username/Login ID"), name)
        hand.press(panel.get_by_role("button", name="Add User"))
        expect(panel.get_by_role("listitem").filter(has_text=name)).to_be_visible()
    expect(page.locator(f"#calls-{lease.pk}")).to_contain_text("anna, ben")
    accessible(page)

    hand.pick(panel.get_by_role("radio", name="PSTN"))
    hand.choose(panel.get_by_role("combobox", name="Country code"), "GB", "United K")
    hand.write(panel.locator(".routing-option-pstn [name=pstn_number]"), "020 7946 0018")
    expect(
        panel.get_by_text("Calls to the United Kingdom cost 0.02 USD a minute, charged by the minute.")
    ).to_be_visible()
    assert CallRoute.objects.get().kind == "users", "the price comes before anything is set"
    hand.press(panel.get_by_role("button", name="Set Number"))
    expect(panel.get_by_text("Calls go to +44 20 7946 0018")).to_be_visible()
    expect(page.locator(f"#calls-{lease.pk}")).to_contain_text("+44 20 7946 0018")
    accessible(page)
    hand.press(panel.get_by_role("button", name="Delete +44 20 7946 0018"))
    expect(panel.get_by_text("Nothing is set: calls are not connected.")).to_be_visible()
    expect(panel.get_by_role("radio", name="PSTN")).to_be_checked()

    hand.pick(panel.get_by_role("radio", name="SIP"))
    hand.write(panel.get_by_label("IP address or host name"), "203.0.113.9")
    hand.write(panel.locator(".routing-option-sip [name=sip_port]"), "5061")
    hand.press(panel.get_by_role("button", name="Save", exact=True))
    expect(panel.get_by_text("Calls go to 203.0.113.9:5061")).to_be_visible()
    hand.press(panel.get_by_role("button", name="Delete 203.0.113.9:5061"))
    expect(panel.get_by_text("Nothing is set: calls are not connected.")).to_be_visible()


def test_a_panel_opens_below_its_row_and_closes(listed, leases, accessible):
    page = listed
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/route/") else None)
    for lease in leases:
        expand(page, lease).dblclick(delay=1)
        expect(page.locator(f"#routing-{lease.pk}")).to_be_visible()
        expect(expand(page, lease)).to_have_attribute("aria-expanded", "true")
    assert len(asked) == len(leases), "one request each"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids))
    accessible(page)
    first = page.locator(f"#routing-{leases[0].pk}")
    first.get_by_role("button", name="Close").click()
    expect(first).to_have_count(0)
    expect(expand(page, leases[0])).to_be_focused()
    expect(expand(page, leases[0])).to_have_attribute("aria-expanded", "false")
    second = page.locator(f"#routing-{leases[1].pk}")
    second.get_by_label("App Username/Login ID").fill("an")
    expand(page, leases[1]).click()
    expect(second).to_be_hidden()
    expand(page, leases[1]).click()
    expect(second.get_by_label("App Username/Login ID")).to_have_value("an")
    expect(second.get_by_role("heading").first).to_be_focused()


def test_what_is_typed_in_another_form_stays(listed, leases):
    page = listed
    page.watch.allow("422")
    expand(page, leases[0]).click()
    panel = page.locator(f"#routing-{leases[0].pk}")
    panel.get_by_role("radio", name="PSTN").check()
    panel.locator(".routing-option-pstn [name=pstn_number]").fill("020 7946 0018")
    panel.get_by_role("combobox", name="Country code").fill("United K")
    page.keyboard.press("Enter")
    panel.locator(".routing-more summary").nth(1).click()
    panel.get_by_label("Block a caller").fill("hello")
    panel.get_by_role("button", name="Block", exact=True).click()
    expect(panel.get_by_text("Enter a phone number with +")).to_be_visible()
    expect(panel.get_by_role("radio", name="PSTN")).to_be_checked()
    panel.get_by_label("Block a caller").fill("+4420*")
    panel.get_by_role("button", name="Block", exact=True).click()
    expect(panel.locator(".routing-blocked")).to_be_visible()
    expect(panel.locator(".routing-option-pstn [name=pstn_number]")).to_have_value("020 7946 0018")
    expect(panel.locator(".routing-option-pstn [name=country_code]")).to_have_value("GB")
    expect(panel.locator(".routing-option-pstn .ts-control .item")).to_have_text(re.compile("United Kingdom"))
    panel.get_by_role("button", name="Set Number").click()
    expect(panel.get_by_text("Calls go to +44 20 7946 0018")).to_be_visible()


def test_users_are_suggested_while_typing(listed, leases):
    page = listed
    expand(page, leases[0]).click()
    field = page.locator(f"#routing-{leases[0].pk}").get_by_label("App Username/Login ID")
    field.press_sequentially("an")
    expect(page.locator(f"#app-users-{leases[0].pk} option")).to_have_count(1)
    expect(page.locator(f"#app-users-{leases[0].pk} option")).to_have_attribute("value", "anna")


def test_without_scripts_expand_leads_to_the_page_of_the_number(
    project, owner, leases, page_without_scripts, live_server
):
    page = give_session(page_without_scripts, live_server, owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    expand(page, leases[0]).click()
    page.get_by_role("radio", name="PSTN").check()
    page.get_by_label("Country code", exact=True).select_option("GB")
    page.get_by_label("Number", exact=True).fill("020 7946 0018")
    page.get_by_role("button", name="Show price").click()
    expect(page.get_by_text("Calls to the United Kingdom cost 0.02 USD a minute")).to_be_visible()
    expect(page.get_by_label("Number", exact=True)).to_have_value("020 7946 0018")
    page.get_by_role("button", name="Set Number").click()
    expect(page.get_by_text("Calls go to +44 20 7946 0018")).to_be_visible()
    page.get_by_role("radio", name="SIP").check()
    expect(page.get_by_label("IP address or host name")).to_be_visible()


def test_at_320_pixels_the_panel_fits_in_the_stacked_table(listed, leases):
    listed.set_viewport_size({"width": 320, "height": 800})
    expand(listed, leases[0]).click()
    panel = listed.locator(f"#routing-{leases[0].pk}")
    for option in ("PSTN", "SIP"):
        panel.get_by_role("radio", name=option).check()
        assert not listed.evaluate("document.documentElement.scrollWidth > innerWidth")
