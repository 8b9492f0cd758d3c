"""Ordering a number that needs documents, in a real browser: with a mouse, by keyboard, on a phone, without scripts."""

import pytest
from playwright.sync_api import expect

from numbers.models import Order, OrderMessage, Submission
from tests.journeys.conftest import give_session
from tests.support.documents import make_document
from tests.support.inventory import BERLIN, make_number
from tests.support.people import actor
from tests.support.purchases import order_number
from tests.support.regulations import make_regulation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = "+493031120000"


@pytest.fixture
def starting_credit():
    return "20"


@pytest.fixture
def project(project):
    make_number(NUMBER, **BERLIN, docs_required=True)
    make_regulation(
        "DE",
        "business",
        summary="Numbers of Berlin go to somebody there.",
        is_demo=True,
        lines=[
            "registration",
            {"types": ["utility_bill", "bank_statement"], "title": "Proof of address", "address_scope": "city"},
        ],
    )
    make_regulation("DE", "individual", lines=[{"types": ["passport"], "title": "Proof of identity"}])
    return project


@pytest.fixture
def order(project, owner):

    return order_number(project, NUMBER, by=actor(owner))


def page_of(order):
    return f"/projects/{order.project.pid}/numbers/orders/{order.ref}/"


def test_search_choose_confirm_and_follow_the_order(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=DE")
    page.locator(f'[hx-get*="/buy/{NUMBER[1:]}/"]:visible').first.click()
    dialog = page.get_by_role("dialog", name="Documentation required")
    expect(dialog.get_by_role("heading", name="Documentation required")).to_be_focused()
    expect(dialog.get_by_text("Bank statement or Utility bill, with an address in Berlin")).to_be_visible()
    expect(dialog.get_by_text("Demo data, not legal advice.")).to_be_visible()
    expect(dialog.get_by_text("Proof of identity")).to_be_hidden()
    accessible(page)
    dialog.get_by_text("An individual").first.click()
    expect(dialog.get_by_text("Proof of identity")).to_be_visible()
    expect(dialog.get_by_text("Bank statement or Utility bill")).to_be_hidden()
    accessible(page)
    dialog.get_by_role("button", name="Order for 3.00 USD").click()
    expect(page.get_by_role("heading", name="Order of +49 30 31120000")).to_be_visible()
    expect(page.get_by_text("It is reserved for you; documentation is required.")).to_be_visible()
    expect(page.locator("#documents")).to_contain_text("Proof of identity")
    expect(page.locator(".credits-balance")).to_contain_text("17.00 USD")
    accessible(page)
    assert Order.objects.get().holder == "individual"
    page.get_by_role("link", name="Ordered numbers").click()
    expect(page.locator("#ordered")).to_contain_text("1 document needed")
    accessible(page)


def test_by_keyboard_only(project, owner, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=DE")
    page.locator(f'[hx-get*="/buy/{NUMBER[1:]}/"]:visible').first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Documentation required")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="A business")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="An individual")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Order for 3.00 USD")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Order of +49 30 31120000")).to_be_visible()
    page.get_by_label("Write to our team").focus()
    page.keyboard.type("It is urgent.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("It is urgent.")
    summary = page.locator("summary", has_text="Cancel this order")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Cancel the order")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("cancelled; nothing was charged")).to_be_visible()
    assert Order.objects.get().status == "cancelled"


def test_documents_and_answers_on_a_phone(order, project, owner, signed_in_phone, accessible):
    make_document(project, "registration", name="Trade register")
    bill = make_document(project, "utility_bill", name="Electricity bill")
    OrderMessage.objects.create(order=order, kind="question", text="Which address is it?")
    page = signed_in_phone(owner)
    page.goto(page_of(order))
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("summary", has_text="Cancel this order").click()
    assert page.evaluate("document.querySelector('.page-head .menu-panel').getBoundingClientRect().left >= 0")
    page.keyboard.press("Escape")
    first = page.locator(".requirement", has_text="Registration")
    first.get_by_role("combobox").select_option("Trade register (Registration)")
    first.get_by_role("button", name="Submit").click()
    expect(first).to_contain_text("In review")
    page.get_by_label("Your answer").fill("The one in Example Street.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".messages")).to_contain_text("The one in Example Street.")
    second = page.locator(".requirement", has_text="Proof of address")
    second.get_by_role("combobox").select_option(str(bill.ref))
    second.get_by_role("button", name="Submit").click()
    expect(page.locator(".steps-way-step.is-current")).to_contain_text("In review")
    expect(page.get_by_text("Next in our queue")).to_be_visible()
    accessible(page)
    assert Submission.objects.count() == 2


def test_a_refusal_keeps_the_dialog_and_the_choice(project, owner, signed_in_page, accessible):
    from numbers.models import Number

    page = signed_in_page(owner)
    page.watch.allow("409")
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=DE")
    page.locator(f'[hx-get*="/buy/{NUMBER[1:]}/"]:visible').first.click()
    page.get_by_role("dialog").get_by_text("An individual").first.click()
    Number.objects.update(monthly_price=5)
    page.get_by_role("button", name="Order for 3.00 USD").click()
    expect(page.get_by_role("alert")).to_contain_text("The price has changed")
    expect(page.get_by_role("radio", name="An individual")).to_be_checked()
    expect(page.get_by_role("dialog").get_by_text("Proof of identity")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Order for 6.00 USD").click()
    expect(page.get_by_role("heading", name="Order of +49 30 31120000")).to_be_visible()
    assert Order.objects.get().holder == "individual"


def test_without_scripts(project, owner, page_without_scripts, live_server):
    page = give_session(page_without_scripts, live_server, owner)
    passport = make_document(project, "passport", name="Passport of Ada")
    page.goto(f"/projects/{project.pid}/numbers/buy/{NUMBER[1:]}/")
    expect(page.get_by_text("Proof of identity")).to_be_hidden()
    page.get_by_role("radio", name="An individual").check()
    expect(page.get_by_text("Proof of identity")).to_be_visible()
    page.get_by_role("button", name="Order for 3.00 USD").click()
    expect(page.get_by_role("heading", name="Order of +49 30 31120000")).to_be_visible()
    page.get_by_label("Write to our team").fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".messages")).to_contain_text("Hello")
    page.get_by_role("combobox").select_option(str(passport.ref))
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".steps-way-step.is-current")).to_contain_text("In review")
    page.locator("summary", has_text="Cancel this order").click()
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_text("cancelled; nothing was charged")).to_be_visible()
