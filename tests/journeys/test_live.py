"""Buy a new Number, left open: what others take turns to "just taken" by itself."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from numbers.inventory import stats
from tests.support.inventory import LONDON, make_number
from tests.support.purchases import order_number, purchase_number

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAKEN = "+12125550102"
ASK = "**/live/taken"


@pytest.fixture
def project(project):
    for n in range(5):
        make_number(f"+1212555010{n}")
    make_number("+442079460100", **LONDON, docs_required=True)
    stats.refresh()
    return project


@pytest.fixture
def open_search(signed_in_page, project):
    def visit(params="", prepare=lambda page: None):
        page = signed_in_page(project.created_by)
        page.asked, page.project = [], project
        page.on("request", lambda request: page.asked.append(1) if "/live/taken" in request.url else None)
        prepare(page)
        page.goto(reverse("numbers:search", args=[project.pid]) + params)
        return page

    return visit


def row(page, e164=TAKEN):
    return page.locator(f'tr[data-number="{e164}"]')


def test_a_number_that_somebody_else_buys_is_marked(open_search, other_project, accessible):
    page = open_search()
    expect(row(page)).to_be_visible()
    purchase_number(other_project, TAKEN)
    expect(row(page).get_by_text("Just taken")).to_be_visible()
    expect(page.locator("tr.is-taken")).to_have_count(1)
    expect(page.locator("#live-news")).to_have_text("+1 212-555-0102 has just been taken.")
    accessible(page)
    for e164 in ("+12125550103", "+12125550104"):
        purchase_number(other_project, e164)
    expect(page.locator("tr.is-taken")).to_have_count(3)


def test_nothing_moves_when_a_row_is_marked(open_search, other_project):
    page = open_search()
    cells = "[...document.querySelectorAll('#results td')]"
    places = f"() => {cells}.map(cell => JSON.stringify(cell.getBoundingClientRect()))"
    before = page.evaluate(places)
    purchase_number(other_project, TAKEN)
    expect(row(page).get_by_text("Just taken")).to_be_visible()
    assert page.evaluate(places) == before


def test_who_may_not_buy_sees_it_too(signed_in_page, project, other_project, reader):
    page = signed_in_page(reader)
    page.goto(reverse("numbers:search", args=[project.pid]))
    expect(row(page)).to_be_visible()
    purchase_number(other_project, TAKEN)
    expect(row(page).locator(".nt-number .badge")).to_have_text("Just taken")


def test_an_order_marks_it_too_on_a_phone_in_the_dark(signed_in_phone, project, other_project, accessible):
    page = signed_in_phone(project.created_by)
    page.emulate_media(color_scheme="dark")
    page.goto(reverse("numbers:search", args=[project.pid]) + "?country=GB")
    expect(row(page, "+442079460100")).to_be_visible()
    order_number(other_project, "+442079460100")
    expect(row(page, "+442079460100").get_by_text("Just taken")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_what_the_project_itself_buys_is_not_announced_as_somebody_elses(open_search, project):
    page = open_search()
    purchase_number(project, TAKEN)
    expect(row(page).get_by_text("Yours").first).to_be_visible()
    expect(page.locator("#live-news")).to_have_text("")


def test_the_button_stays_in_place_without_its_purpose(open_search, other_project):
    page = open_search()
    button = row(page).locator(".nt-buy a")
    button.focus()
    purchase_number(other_project, TAKEN)
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()
    expect(button).to_contain_text("Just taken")
    requests = []
    page.on("request", lambda request: requests.append(request.url) if "/buy/" in request.url else None)
    page.keyboard.press("Enter")
    button.click(force=True)
    other_button = row(page, "+12125550101").locator(".nt-buy a")
    other_button.click()
    page.locator("#modal[open]").get_by_text("+1 212-555-0101").first.wait_for()
    assert [url for url in requests if "12125550102" in url] == []


def test_rows_that_come_later_are_watched_too(open_search, other_project):
    page = open_search("?pattern=0100")
    page.get_by_label("Digits or letters").fill("")
    expect(row(page)).to_be_visible()
    purchase_number(other_project, TAKEN)
    expect(row(page).get_by_text("Just taken")).to_be_visible()


def test_what_was_told_before_is_told_again_to_rows_that_come_later(open_search, other_project):
    """The page knows the news by its tag; rows that were swapped in since then do not."""
    page = open_search("?pattern=0104")
    expect(row(page, "+12125550104")).to_be_visible()
    stale = []

    def as_it_was(route):  # the results were read before the sale, and come after the news of it
        stale.append(route.request.url)
        route.fulfill(response=route.fetch(), body=before)

    before = page.request.get(
        f"{reverse('numbers:results', args=[page.project.pid])}?country=US", headers={"HX-Request": "true"}
    ).text()
    with page.expect_response(lambda answer: "/live/taken" in answer.url and answer.status == 304):
        pass  # it has a tag by now
    with page.expect_response(lambda answer: "/live/taken" in answer.url and answer.status == 200):
        purchase_number(other_project, TAKEN)
    page.route("**/buy/results/**", as_it_was)
    page.get_by_label("Digits or letters").fill("")
    expect(row(page)).to_be_visible()
    expect(row(page).get_by_text("Just taken")).to_be_visible()
    assert stale


class TestTraffic:
    """With the page's own clock in the test's hand."""

    @pytest.fixture
    def open_search(self, open_search):
        def hold_clock(page):
            page.clock.install()
            page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => !!window.isHidden});")

        return lambda params="", prepare=lambda page: None: open_search(
            params, lambda page: (hold_clock(page), prepare(page))
        )

    def hide(self, page, hidden):
        page.evaluate("hidden => { isHidden = hidden; document.dispatchEvent(new Event('visibilitychange')); }", hidden)

    def test_none_without_results(self, open_search):
        page = open_search("?pattern=99999")
        page.clock.run_for(30_000)
        assert page.asked == []

    def test_none_while_hidden_then_the_results_are_read_anew(self, open_search, other_project):
        page = open_search()
        self.hide(page, True)
        page.clock.run_for(60_000)
        assert page.asked == []
        purchase_number(other_project, TAKEN)
        self.hide(page, False)
        expect(row(page)).to_have_count(0)  # read anew, not marked
        expect(row(page, "+12125550101")).to_be_visible()
        assert len(page.asked) == 1

    def test_reading_anew_keeps_the_page_of_results_and_adds_no_step_back(self, open_search, other_project):
        for n in range(25):
            make_number(f"+12125556{n:03d}")
        page = open_search()
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**after=**")
        page.get_by_role("link", name="Previous").wait_for()
        address, steps = page.url, page.evaluate("history.length")
        self.hide(page, True)
        page.clock.run_for(60_000)
        with page.expect_response("**/buy/results/**") as read:
            self.hide(page, False)
        assert "after=" in read.value.url
        page.get_by_role("link", name="Previous").wait_for()
        expect(page).to_have_url(address)
        assert page.evaluate("history.length") == steps

    def test_a_token_that_is_too_old_is_not_shown_again(self, open_search, settings):
        page = open_search()
        page.watch.allow("403")
        settings.SESSION_COOKIE_AGE = -1
        with page.expect_response(ASK):
            page.clock.run_for(2_000)
        page.clock.run_for(60_000)
        self.hide(page, False)
        page.clock.run_for(60_000)
        assert len(page.asked) == 1

    def test_trouble_is_answered_by_patience(self, open_search):
        page = open_search(prepare=lambda page: page.route(ASK, lambda route: route.fulfill(status=503)))
        page.watch.allow("503")
        for wait in (1_200, 2_400, 4_800, 9_600):
            asked = len(page.asked)
            page.clock.run_for(wait - 200)
            assert len(page.asked) == asked
            with page.expect_response(ASK):
                page.clock.run_for(400)
        expect(page.locator(".portal-toast")).to_have_count(0)
