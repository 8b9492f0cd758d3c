"""The renewal order in a real browser: by mouse, by keyboard, by dragging, on a phone; and what is unpaid."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from numbers.models import Lease
from numbers.renewals.charging import charge_months
from tests.journeys.conftest import give_session
from tests.renewals.data import buy
from tests.support.projects import fund, make_project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(owner):
    project = make_project(owner)
    now = datetime.now(UTC)
    for days, price in ((40, "2"), (35, "3.5"), (12, "2"), (5, "1.25")):
        buy(project, now - timedelta(days=days), price=price)
    fund(project, "2.75")
    charge_months(now=now)  # the first is paid, the second is not
    return project


@pytest.fixture
def ends(project):
    """The last digits of the project's numbers, oldest first."""
    return [e164[-4:] for e164 in Lease.objects.order_by("id").values_list("number__e164", flat=True)]


def rows(page):
    return page.locator(".renewal-row .phone-number")


def order(ends, places):
    return [f"+1 212-555-{ends[place]}" for place in places]


def test_by_mouse_keyboard_and_dragging(project, owner, ends, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/renewals/")
    expect(rows(page)).to_have_text(order(ends, [0, 1, 2, 3]))
    accessible(page)
    page.locator(".renewal-row").nth(3).get_by_role("button", name="To the top").click()
    expect(rows(page)).to_have_text(order(ends, [3, 0, 1, 2]))
    # its own button is at the end now; the keyboard goes on with the one that is left
    expect(page.locator(".renewal-row").nth(0).get_by_role("button", name="Down")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_text(order(ends, [0, 3, 1, 2]))
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_text(order(ends, [0, 1, 3, 2]))
    expect(page.get_by_role("status").filter(has_text="is now number 3 in the renewal order")).to_be_attached()
    page.locator(".renewal-row").nth(3).drag_to(page.locator(".renewal-row").nth(0), target_position={"x": 60, "y": 4})
    expect(rows(page)).to_have_text(order(ends, [2, 0, 1, 3]))
    accessible(page)
    page.reload()
    expect(rows(page)).to_have_text(order(ends, [2, 0, 1, 3]))


def test_without_scripts(project, owner, ends, page_without_scripts, live_server):
    page = give_session(page_without_scripts, live_server, owner)
    page.goto(f"/projects/{project.pid}/numbers/renewals/")
    page.locator(".renewal-row").nth(2).get_by_role("button", name="Up").click()
    expect(rows(page)).to_have_text(order(ends, [0, 2, 1, 3]))
    expect(page.get_by_text("is now number 2 in the renewal order")).to_be_visible()


def test_on_a_phone(project, owner, ends, signed_in_phone, accessible):
    page = signed_in_phone(owner)
    page.goto(f"/projects/{project.pid}/numbers/renewals/")
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".renewal-row").nth(1).get_by_role("button", name="Up").tap()
    expect(rows(page)).to_have_text(order(ends, [1, 0, 2, 3]))


def test_unpaid_numbers_lead_to_the_credits_with_what_is_missing(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    for address in ("numbers/purchased/", ""):
        page.goto(f"/projects/{project.pid}/{address}")
        expect(page.get_by_text("is not paid.")).to_be_visible()
        accessible(page)
    expect(page.get_by_role("heading", name="How long your credit lasts")).to_be_visible()
    page.get_by_role("link", name="Add credits: 2.75 USD").click()
    expect(page).to_have_url(re.compile(r"/credits/\?amount=2\.75#add$"))
