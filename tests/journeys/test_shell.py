"""The frame in a real browser: themes, navigation on a phone and by keyboard, pricing, notifications, paper."""

import re

import pytest
from playwright.sync_api import expect

from numbers.inventory import stats
from tests.support.inventory import LONDON, make_number
from tests.support.projects import make_project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PUBLIC = ["/", "/pricing/", "/legal/terms/", "/legal/refunds/", "/legal/privacy/"]


@pytest.fixture
def catalogue():
    make_number("+12125550142")
    make_number("+442079460123", **LONDON, monthly_price="4.25")
    stats.refresh()
    stats.forget()


def theme(page) -> str:
    return page.evaluate("document.documentElement.dataset.bsTheme")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages_have_no_barrier_in_either_theme(page, catalogue, accessible, scheme):
    page.emulate_media(color_scheme=scheme)
    for address in PUBLIC:
        page.goto(address)
        assert theme(page) == scheme
        accessible(page)


def test_the_chosen_theme_stays_and_auto_follows_the_device(page):
    page.emulate_media(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Dark").click()
    assert theme(page) == "dark"
    page.reload()
    assert theme(page) == "dark"
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Auto").click()
    assert theme(page) == "light"
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize("address", [*PUBLIC, "/accounts/login/", "/no/such/page/"])
def test_nothing_is_wider_than_a_small_phone(phone_page, catalogue, address):
    phone_page.watch.allow("404")
    phone_page.set_viewport_size({"width": 360, "height": 740})
    phone_page.goto(address)
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_navigation_of_a_phone_opens_and_closes(signed_in_phone, accessible):
    project = make_project()
    page = signed_in_phone(project.created_by)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    entry = page.get_by_role("link", name="Dashboard")
    expect(entry).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    entry.wait_for(state="visible")
    expect(entry).to_be_focused()
    page.keyboard.press("Escape")
    entry.wait_for(state="hidden")
    page.get_by_role("button", name="Menu", exact=True).click()
    entry.click()
    page.wait_for_url(f"**/projects/{project.pid}/")
    accessible(page)


def test_the_switcher_by_keyboard(signed_in_page):
    project = make_project(name="Alpha")
    for n in range(8):
        make_project(project.created_by, name=f"Beta {n}")
    page = signed_in_page(project.created_by)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.locator(".switcher > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".switcher input[type=search]")).to_be_focused()
    page.keyboard.type("beta 7")
    expect(page.locator("#switcher-list li:visible")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/numbers/purchased/")
    page.locator(".switcher-name", has_text="Beta 7").wait_for()


def test_pricing_follows_the_picker(page, catalogue):
    page.goto("/pricing/?country=US")
    page.locator(".price-form .ts-control").click()
    page.keyboard.type("united k")
    page.keyboard.press("Enter")
    page.get_by_text("4.25 USD").wait_for()
    page.wait_for_url("**/pricing/?country=GB")


def test_pricing_without_scripts(page_without_scripts, catalogue):
    page = page_without_scripts
    page.goto("/pricing/")
    page.get_by_label("Country").select_option("GB")
    page.get_by_role("button", name="Show prices").click()
    page.wait_for_url("**/pricing/?country=GB")
    expect(page.get_by_text("4.25 USD")).to_be_visible()


def test_the_frame_works_without_scripts(page_without_scripts, live_server):
    from tests.journeys.conftest import give_session

    project = make_project()
    page = give_session(page_without_scripts, live_server, project.created_by)
    page.goto(f"/projects/{project.pid}/")
    page.locator("summary[aria-label='Your account']").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()
    page.goto(f"/projects/{project.pid}/")
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_a_refused_request_becomes_a_notification(signed_in_page):
    project = make_project()
    page = signed_in_page(project.created_by)
    page.watch.allow("404")
    page.watch.allow("Response Status Error Code")
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    heading = page.locator("h1").inner_text()
    page.evaluate("htmx.ajax('GET', '/projects/pid_of_nobody/numbers/', '#main')")
    notice = page.get_by_role("region", name="Notifications").locator(".portal-toast")
    notice.wait_for()
    expect(notice).to_contain_text("There is no such project.")
    expect(page.locator("h1")).to_have_text(heading)
    notice.get_by_role("button", name="Dismiss").click()
    notice.wait_for(state="detached")


def test_on_paper_there_is_no_chrome(signed_in_page):
    project = make_project()
    page = signed_in_page(project.created_by)
    page.emulate_media(color_scheme="dark")
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".top-bar")).to_be_hidden()
    expect(page.locator(".side-nav")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("h1")).to_have_css("color", "rgb(0, 0, 0)")
