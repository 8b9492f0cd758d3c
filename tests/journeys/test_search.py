"""Buy a new Number, in a browser: live, linkable, by keyboard, on a phone, without JavaScript."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from numbers.inventory import places, stats
from tests.support.inventory import LONDON, make_number

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(project):
    for n in range(60):
        make_number(f"+1212555{n + 100:04d}", docs_required=n % 9 == 8)
    for n in range(12):
        make_number(f"+14155552{n:03d}", region="California", city="San Francisco", sms=n % 2 == 0)
    make_number("+12125552255", city="Buffalo")
    make_number("+18005552255", type="tollfree", region="", city="", sms=False)
    for n in range(8):
        make_number(f"+4420794601{n:02d}", **LONDON, sms=False, docs_required=True)
    make_number("+14165550188", country="CA", region="Ontario", city="Toronto")
    stats.refresh()
    return project


@pytest.fixture
def open_search(signed_in_page, project):
    def visit(params=""):
        page = signed_in_page(project.created_by)
        page.goto(reverse("numbers:search", args=[project.pid]) + params)
        return page

    return visit


def shown(page):
    return page.locator(".phone-number")


def wait_for(page, text):
    page.locator("#results [data-announce]", has_text=text).wait_for()


def test_results_follow_what_is_typed(open_search, accessible):
    page = open_search()
    wait_for(page, "74 numbers")
    page.get_by_label("Digits or letters").press_sequentially("call", delay=30)
    wait_for(page, "2 numbers")
    expect(page.locator("mark")).to_have_text(["2255", "2255"])
    page.wait_for_url(re.compile(r"\?country=US&pattern=call$"))
    page.get_by_role("radio", name="Tollfree").check()
    wait_for(page, "1 number")
    expect(shown(page)).to_have_text(["+1 800-555-2255"])
    page.reload()
    expect(shown(page)).to_have_text(["+1 800-555-2255"])
    expect(page.get_by_label("Digits or letters")).to_have_value("call")
    accessible(page)


def test_pages_and_the_back_button(open_search):
    page = open_search("?country=US&region=New+York")
    first = shown(page).all_inner_texts()
    page.get_by_role("link", name="Next").click()
    page.wait_for_url(re.compile("after="))
    page.get_by_role("link", name="Previous").wait_for()
    after = shown(page).first.inner_text()
    assert after > first[-1]
    page.go_back()
    page.wait_for_url(lambda url: "after=" not in url)
    page.get_by_role("link", name="Previous").wait_for(state="detached")
    expect(shown(page)).to_have_text(first)


def test_another_country_has_other_regions(open_search):
    page = open_search("?country=US&region=California")
    wait_for(page, "12 numbers")
    page.locator(".ns-country .ts-control").click()
    page.keyboard.type("Cana")
    page.keyboard.press("Enter")
    wait_for(page, "1 number")
    expect(shown(page)).to_have_text(["+1 416-555-0188"])
    page.locator("#region option[value=Ontario]").wait_for(state="attached")  # the new picker, not the old one
    page.locator(".ns-region .ts-control").click()
    expect(page.locator(".ns-region .ts-dropdown .option").last).to_have_text(re.compile("^Ontario"))


def test_bad_input_is_marked_while_typing_and_an_empty_result_leads_on(open_search, accessible):
    page = open_search()
    page.watch.allow("422")
    page.get_by_label("Digits or letters").fill("12%")
    page.locator("#error-pattern", has_text="Use digits, letters").wait_for()
    expect(page.get_by_label("Digits or letters")).to_have_class(re.compile("is-invalid"))
    page.get_by_label("Digits or letters").fill("5559999")
    wait_for(page, "No numbers match")
    expect(page.get_by_label("Digits or letters")).not_to_have_class(re.compile("is-invalid"))
    accessible(page)
    page.get_by_role("link", name="Without the digits").click()
    wait_for(page, "74 numbers")


def test_the_confirm_dialog_opens_from_a_row(open_search):
    page = open_search("?pattern=2255&match=end&type=did")
    page.locator(".nt-buy a").first.click()
    page.locator("#modal[open]").get_by_text("+1 212-555-2255").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("#modal[open]").wait_for(state="detached")


def test_by_keyboard_alone(open_search):
    page = open_search()
    page.get_by_label("Digits or letters").focus()
    page.keyboard.type("2255")
    wait_for(page, "2 numbers")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().startswith("Purchase"):
            break
    page.keyboard.press("Enter")
    page.locator("#modal[open]").wait_for()


def test_on_a_phone_nothing_is_cut_off(signed_in_phone, project, accessible):
    page = signed_in_phone(project.created_by)
    page.goto(reverse("numbers:search", args=[project.pid]) + "?pattern=55")
    wait_for(page, "numbers")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".nt-buy a").first).to_be_visible()
    accessible(page)


def test_without_javascript_the_form_works(page_without_scripts, live_server, project):
    from tests.journeys.conftest import give_session

    page = give_session(page_without_scripts, live_server, project.created_by)
    page.goto(reverse("numbers:search", args=[project.pid]))
    page.get_by_label("Country").select_option("GB")
    page.get_by_role("button", name="Search").click()
    wait_for(page, "8 numbers")
    expect(shown(page).first).to_have_text(re.compile(r"^\+44 20"))


def test_a_city_is_suggested_while_it_is_typed_without_its_accents(open_search, project):
    make_number("+12125559901", city="São Paulo")
    make_number("+12125559902", city="São Bernardo do Campo")
    places.repair()
    stats.refresh()
    page = open_search("?country=US")
    city = page.get_by_label("City")
    city.press_sequentially("sao", delay=30)
    wait_for(page, "2 numbers")
    options = page.locator("#cities option")
    expect(options).to_have_count(2)
    # The browser offers an option whose value or label holds what was typed.
    expect(options.nth(0)).to_have_attribute("label", "São Bernardo do Campo (sao)")
    expect(options.nth(1)).to_have_attribute("label", "São Paulo (sao)")
    expect(city).to_be_focused()
    expect(city).to_have_value("sao")
    city.fill("São Paulo")
    wait_for(page, "1 number")
    expect(options).to_have_count(0)
    page.wait_for_url(re.compile(r"city=S%C3%A3o"))
    page.reload()
    expect(shown(page)).to_have_text(["+1 212-555-9901"])
