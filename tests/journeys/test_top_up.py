"""Adding credits in a browser: form, payment page of the gateway, "confirming…", the new balance, the receipt."""

import os
import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from billing.ledger import queries
from billing.payments.models import TopUp
from portal.jobs.outbox import run_due_jobs
from tests.support.people import make_user
from tests.support.projects import fund, make_project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("SHOTS", "")


def shoot(page, name):
    if SHOTS:
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"{SHOTS}/{name}-{theme}-{page.viewport_size['width']}.png", full_page=True)
        page.emulate_media(color_scheme="light")


@pytest.fixture
def till(gateway, live_server, settings):
    """The gateway as the demo runs it: the browser may go there, and its events reach the portal."""
    settings.SITE_URL = live_server.url
    gateway.deliveries.webhook_url = f"{live_server.url}/payments/stripe/webhook"
    return gateway


def at_home(page, till):
    page.watch.allow(f"request to another host: {till.url}")
    page.watch.allow("422 (Unprocessable")  # a form that is refused
    page.watch.allow("404 (Not Found)")  # the browser asks the gateway for a favicon
    return page


def events_arrive(till):
    assert set(till.control.do_release()["statuses"]) == {200}
    run_due_jobs()


def test_a_customer_adds_credits(till, signed_in_page, accessible):
    project = make_project()
    page = at_home(signed_in_page(project.created_by), till)
    page.goto(f"/projects/{project.pid}/credits/")
    accessible(page)
    shoot(page, "credits-empty")
    page.get_by_role("link", name="50", exact=True).click()
    expect(page.get_by_label("Amount in USD")).to_have_value("50.00")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Please read and accept the policies")).to_be_visible()
    expect(page.get_by_label("Amount in USD")).to_have_value("50.00")
    accessible(page)
    shoot(page, "credits-refused")
    page.get_by_label("I agree to the").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Opening the payment page…")).to_be_visible()
    accessible(page)
    shoot(page, "opening")
    run_due_jobs()
    page.wait_for_url(f"{till.url}/pay/**")  # by itself, and the policy of forms is in nobody's way
    expect(page.get_by_text("no money moves")).to_be_visible()
    accessible(page)
    shoot(page, "gateway-pay")
    page.get_by_role("button", name="Pay with a card that is declined").click()
    expect(page.get_by_role("alert")).to_contain_text("declined")
    page.get_by_role("button", name="Pay 50.00 USD").click()
    page.wait_for_url("**/credits/return/**")
    expect(page.get_by_text("Confirming…")).to_be_visible()
    accessible(page)
    shoot(page, "return-waiting")
    assert queries.balance(project.pk) == 0
    events_arrive(till)
    expect(page.get_by_text("50.00 USD added")).to_be_visible()  # by itself, within two seconds
    expect(page.locator(".credits-balance")).to_have_text("50.00 USD")  # the top bar, too
    accessible(page)
    shoot(page, "return-paid")
    assert queries.balance(project.pk) == 50
    page.get_by_role("link", name=re.compile("Receipt R-")).click()
    expect(page.get_by_text("Visa ending in 4242")).to_be_visible()
    accessible(page)
    shoot(page, "receipt")
    page.goto(till.url)
    accessible(page)
    shoot(page, "gateway-desk")


def start(page, project, amount="50"):
    page.goto(f"/projects/{project.pid}/credits/?amount={amount}")
    page.get_by_label("I agree to the").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Opening the payment page…")).to_be_visible()


def test_back_from_the_payment_page_and_two_tabs(till, signed_in_page):
    project = make_project()
    page = at_home(signed_in_page(project.created_by), till)
    start(page, project)
    waiting = page.url
    other = page.context.new_page()
    other.goto(waiting)
    run_due_jobs()
    for tab in (page, other):
        tab.wait_for_url(f"{till.url}/pay/**")
    expect(other).to_have_url(page.url)
    page.go_back()
    expect(page.get_by_role("heading", name="Add credits")).to_be_visible()  # not the page that forwards
    page.goto(waiting)
    page.wait_for_url(f"{till.url}/pay/**")
    assert TopUp.objects.count() == 1


def test_a_payment_service_that_does_not_answer(till, signed_in_page, accessible):
    project = make_project()
    page = at_home(signed_in_page(project.created_by), till)
    start(page, project, "77")
    till.api.faults[:] = ["500"] * 2
    run_due_jobs()
    expect(page.get_by_role("heading", name="The payment service is not responding")).to_be_visible()
    expect(page.get_by_text("Nothing was charged.")).to_be_visible()
    accessible(page)
    shoot(page, "opening-away")
    for width in (768, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shoot(page, "opening-away")
    page.get_by_role("link", name="Back to credits").click()
    expect(page.get_by_label("Amount in USD")).to_have_value("77.00")
    page.go_back()
    with page.expect_navigation():
        page.get_by_role("button", name="Try again now").click()
    run_due_jobs()
    page.wait_for_url(f"{till.url}/pay/**")
    assert TopUp.objects.count() == 1


def test_the_page_is_ready_when_it_is_come_back_to(till, signed_in_page, accessible):
    project = make_project()
    page = at_home(signed_in_page(project.created_by), till)
    start(page, project)
    waiting = page.url
    page.goto("/projects/")
    run_due_jobs()
    page.go_back()
    expect(page.get_by_role("heading", name="Your payment page is ready")).to_be_visible()
    expect(page).to_have_url(waiting)
    accessible(page)
    for width in (1280, 768, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shoot(page, "opening-ready")
    page.get_by_role("link", name="Continue to the payment page").click()
    page.wait_for_url(f"{till.url}/pay/**")


def test_history_on_a_phone(till, signed_in_phone, accessible):
    project = make_project()
    for amount in ("120.00", "15.5", "0.0125"):
        fund(project, amount)
    page = signed_in_phone(project.created_by)
    page.watch.allow("422")  # a filter that makes no sense
    for path, name in (("", "credits"), ("history/", "history"), ("history/?kind=usage", "history-none"),
                       ("history/?since=2026-11-05&until=2026-11-01", "history-wrong")):  # fmt: skip
        page.goto(f"/projects/{project.pid}/credits/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        accessible(page)
        shoot(page, name)


def test_history_on_a_desktop(signed_in_page, accessible):
    project = make_project()
    for amount in ("120.00", "15.5", "0.0125"):
        fund(project, amount)
    page = signed_in_page(project.created_by)
    for path, name in (("", "credits"), ("history/", "history"), ("history/?kind=usage", "history-none")):
        page.goto(f"/projects/{project.pid}/credits/{path}")
        accessible(page)
        shoot(page, name)


def test_without_scripts(till, page_without_scripts, live_server):
    """Amount buttons are links, the form is a form, and the return page has a link to look again."""
    from tests.journeys.conftest import give_session

    project = make_project(make_user())
    page = at_home(give_session(page_without_scripts, live_server, project.created_by), till)
    page.goto(f"/projects/{project.pid}/credits/")
    page.get_by_role("link", name="25", exact=True).click()
    expect(page.locator("#id_amount")).to_have_value("25.00")
    page.locator("#id_agree").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Opening the payment page…")).to_be_visible()
    run_due_jobs()
    page.wait_for_url(f"{till.url}/pay/**")
    page.get_by_role("button", name="Pay 25.00 USD").click()
    page.wait_for_url("**/credits/return/**")
    events_arrive(till)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("25.00 USD added")).to_be_visible()
    assert TopUp.objects.get().booked == Decimal(25)
