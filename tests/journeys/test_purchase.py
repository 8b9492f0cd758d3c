"""Buying in a real browser: from the search to Purchased Numbers, on a desk, on a phone, and without scripts."""

import pytest
from playwright.sync_api import expect

from numbers.models import Lease, Order
from tests.support.inventory import make_number

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def starting_credit():
    return "20"


@pytest.fixture
def project(project):
    make_number("+12125550101")
    make_number("+12125550102")
    make_number("+442079460100", country="GB", region="England", city="London", docs_required=True)
    return project


def test_find_buy_and_configure(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=US")
    page.locator('[hx-get*="/buy/12125550101/"]').first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Total today")).to_be_visible()
    accessible(page)
    expect(dialog.get_by_role("heading", name="Purchase this number")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Purchase for 3.00 USD")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Number +1 212-555-0101 purchased successfully.")).to_be_visible()
    row = page.locator("tr.row-new")
    expect(row).to_contain_text("+1 212-555-0101")
    expect(page.locator(".credits-balance")).to_contain_text("17.00 USD")
    accessible(page)
    row.get_by_role("link", name="Expand").click()
    expect(page.get_by_role("heading", name="Incoming calls of +1 212-555-0101")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="All about this number").click()
    page.get_by_label("Friendly name").fill("Support line")
    page.get_by_role("button", name="Save name").click()
    expect(page.locator(".page-head-sub")).to_have_text("Support line")
    accessible(page)
    page.goto(f"/projects/{project.pid}/numbers/")
    expect(page.locator("#spent-amount")).to_have_text("3.00 USD")
    accessible(page)


def test_escape_leaves_the_dialog_and_buys_nothing(project, owner, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=US")
    page.locator('[hx-get*="/buy/12125550101/"]').first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert not Lease.objects.exists()


def test_refusal_stays_in_the_dialog(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.watch.allow("409")
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=US")
    page.locator('[hx-get*="/buy/12125550101/"]').first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    from numbers.models import Number

    Number.objects.filter(e164="+12125550101").update(monthly_price=5)
    page.get_by_role("dialog").get_by_role("button", name="Purchase").click()
    expect(page.get_by_role("alert")).to_contain_text("The price has changed")
    accessible(page)
    page.get_by_role("dialog").get_by_role("button", name="Purchase for 6.00 USD").click()
    expect(page.get_by_text("purchased successfully")).to_be_visible()


def test_order_on_a_phone_and_cancel_it(project, owner, signed_in_phone, accessible):
    page = signed_in_phone(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/442079460100/")
    expect(page.get_by_text("Nothing to upload").first).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Order for 3.00 USD").click()
    expect(page.get_by_role("heading", name="Order of +44 20 7946 0100")).to_be_visible()
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    expect(page.locator("#ordered")).to_contain_text("+44 20 7946 0100")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#ordered summary").click()
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_text("cancelled; nothing was charged")).to_be_visible()
    assert Order.objects.get().status == "cancelled"


def test_purchase_without_scripts(project, owner, page_without_scripts, live_server):
    from tests.journeys.conftest import give_session

    page = give_session(page_without_scripts, live_server, owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/12125550101/")
    page.get_by_role("button", name="Purchase for 3.00 USD").click()
    expect(page.locator("tr.row-new")).to_contain_text("+1 212-555-0101")
