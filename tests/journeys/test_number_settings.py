"""Number Settings by the guide's steps 3.5 a, with the mouse and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from numbers.models import ProjectCallSettings
from tests.journeys.whole_job.hands import Keyboard, Mouse
from tests.leases.data import buy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_a_trunk_a_cap_and_back_again(project, owner, signed_in_page, hands, accessible):
    buy(project, "+12125550100")
    page = signed_in_page(owner)
    hand = hands(page)
    page.goto(f"/projects/{project.pid}/")
    hand.press(page.get_by_role("link", name="Number Settings"))
    expect(page.get_by_role("heading", name="SIP Trunk for Incoming Call")).to_be_visible()
    hand.press(page.locator("summary", has_text="Add the SIP trunk"))
    hand.write(page.get_by_label("IP address or host name"), "203.0.113.9")
    hand.press(page.get_by_role("button", name="Upload"))
    expect(page.get_by_text("203.0.113.9:5060").first).to_be_visible()
    expect(page.get_by_role("link", name="1 number")).to_have_attribute(
        "href", f"/projects/{project.pid}/numbers/purchased/?routing=inherited"
    )
    accessible(page)
    hand.write(page.get_by_role("textbox", name="Spending cap in 24 hours"), "20")
    hand.press(page.get_by_role("button", name="Save cap"))
    expect(page.get_by_text("of 20.00 USD.")).to_be_visible()
    hand.press(page.locator("#versions").get_by_role("button", name="Go back to this version 1"))
    expect(page.get_by_text("of 100.00 USD.")).to_be_visible()
    expect(page.locator("#versions li").first).to_contain_text("went back to version 1")
    hand.press(page.get_by_role("button", name="Delete 203.0.113.9:5060"))
    expect(page.get_by_text("The SIP trunk was deleted.")).to_be_visible()
    assert ProjectCallSettings.objects.get().trunk_host == ""


def test_some_countries_are_chosen(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/settings/")
    page.get_by_label("Only these countries").check()
    countries = page.get_by_role("combobox", name="Countries")
    for typed, country in (("UK", "United Kingdom"), ("Deutschland", "Germany")):
        countries.fill(typed)
        page.keyboard.press("Enter")
        expect(page.locator(".routing-countries .item", has_text=country)).to_be_visible()
    accessible(page)
    page.locator(".routing-forwarding").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Where calls may be forwarded was saved.")).to_be_visible()
    assert ProjectCallSettings.objects.get().allowed_countries == ["DE", "GB"]
