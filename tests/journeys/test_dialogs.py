"""What every dialog keeps to that pays, releases or destroys: it opens on its heading and waits for a decision."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from numbers.leases import releasing
from numbers.models import Lease, Order
from projects import tokens
from projects.actor import SYSTEM
from tests.journeys.test_purchased_numbers import enter_code
from tests.leases.data import buy
from tests.support.inventory import make_number

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(project):
    make_number("+12125550199")
    make_number("+442079460199", country="GB", region="England", city="London", docs_required=True)
    return project


@pytest.fixture
def leases(project):
    return [buy(project, f"+1212555010{n}", now=timezone.now() - timedelta(days=3)) for n in range(2)]


def nothing_was_done(leases):
    """Nothing was bought, ordered, released or unlocked, and the keys are as they were."""
    assert [each.status for each in Lease.objects.order_by("pk")] == ["active", "active"]
    assert not Lease.objects.filter(release_on__isnull=False).exists()
    assert not Order.objects.exists()
    assert Lease.objects.filter(locked=True).count() == 1


def opener_of_purchase(page, at, leases):
    page.goto(f"{at}numbers/buy/?country=US")
    return page.locator('[hx-get*="/buy/12125550199/"]')


def opener_of_order(page, at, leases):
    page.goto(f"{at}numbers/buy/?country=GB")
    return page.locator('[hx-get*="/buy/442079460199/"]')


def opener_of_release(page, at, leases):
    page.goto(f"{at}numbers/purchased/{leases[0].pk}/")
    return page.get_by_role("link", name="Release…")


def opener_of_bulk_release(page, at, leases):
    page.goto(f"{at}numbers/purchased/")
    page.get_by_label("Select all").check()
    return page.get_by_role("button", name="Release…")


def opener_of_bulk_unlock(page, at, leases):
    page.goto(f"{at}numbers/purchased/")
    page.get_by_label("Select all").check()
    return page.get_by_role("button", name="Unlock…")


def opener_of_rotation(page, at, leases):
    page.goto(f"{at}keys/")
    return page.get_by_role("link", name="Rotate")


OPENERS = [opener_of_purchase, opener_of_order, opener_of_release, opener_of_bulk_release, opener_of_bulk_unlock,
           opener_of_rotation]  # fmt: skip


@pytest.fixture(params=OPENERS, ids=lambda each: each.__name__.removeprefix("opener_of_"))
def opener(request, project, owner, leases, signed_in_page):
    releasing.set_lock(lease=leases[1], locked=True, by=SYSTEM, now=timezone.now())
    page = signed_in_page(owner)
    page.clock.install()
    return request.param(page, f"/projects/{project.pid}/", leases)


def test_enter_pressed_twice_opens_and_decides_nothing(opener, leases, project):
    page = opener.page
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    heading = page.get_by_role("dialog").get_by_role("heading").first
    expect(heading).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(heading).to_be_focused()
    expect(page.get_by_role("dialog").locator("form[aria-busy]")).to_have_count(0)
    nothing_was_done(leases)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    assert set(tokens.live(project)) == {"primary"}


def click_on(page, box):
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_the_second_click_of_a_double_click_meets_no_button(opener, leases, project):
    page = opener.page
    page.clock.pause_at(datetime.now() + timedelta(seconds=5))  # the page’s half second does not pass
    opener.scroll_into_view_if_needed()
    place = opener.bounding_box()
    opener.click()
    heading = page.get_by_role("dialog").get_by_role("heading").first
    expect(heading).to_be_focused()
    button = page.get_by_role("dialog").locator("[type=submit]").last
    for box in (place, button.bounding_box()):  # on the dialog or beside it, and on what would decide
        click_on(page, box)
        expect(heading).to_be_visible()
    expect(page.get_by_role("dialog").locator("form[aria-busy]")).to_have_count(0)
    nothing_was_done(leases)
    assert set(tokens.live(project)) == {"primary"}
    page.clock.fast_forward(1000)
    expect(button).to_have_css("pointer-events", "auto")


def test_the_second_of_two_openers_does_not_change_an_open_dialog(project, owner, leases, signed_in_page):
    """Both were pressed before the first had answered; what stands under the hand must not become another number."""
    make_number("+12125550198")
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=US")
    held = []
    page.route("**/buy/12125550198/", lambda route: held.append(route))
    page.locator('[hx-get*="/buy/12125550198/"]').click()
    page.locator('[hx-get*="/buy/12125550199/"]').click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("+1 212-555-0199")
    with page.expect_response("**/buy/12125550198/") as late:
        held[0].continue_()
    late.value.finished()
    expect(page.locator("body")).not_to_have_class("is-loading")
    expect(dialog).to_contain_text("+1 212-555-0199")
    expect(dialog).not_to_contain_text("+1 212-555-0198")


def test_pressed_twice_it_buys_once(project, owner, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=US")
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.locator('[hx-get*="/buy/12125550199/"]').click()
    page.get_by_role("dialog").get_by_role("button", name="Purchase for").dblclick()
    expect(page.get_by_text("purchased successfully")).to_be_visible()
    assert Lease.objects.count() == 1
    assert len(sent) == 1


@pytest.mark.parametrize(
    "path",
    [
        "numbers/buy/12125550199/",
        "numbers/buy/442079460199/",
        "numbers/purchased/{lease}/release/",
        "numbers/purchased/bulk/release/?lease={lease}",
        "keys/rotate/",
    ],
)
def test_as_a_page_it_waits_too(project, owner, leases, page_without_scripts, live_server, path):
    from tests.journeys.conftest import give_session

    page = give_session(page_without_scripts, live_server, owner)
    page.goto(f"/projects/{project.pid}/{path.format(lease=leases[0].pk)}")
    expect(page.locator("main form [type=submit]").last).to_be_visible()
    expect(page.locator("main :focus")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("main form [type=submit]").last).to_be_visible()
    assert Lease.objects.count() == 2
    assert set(tokens.live(project)) == {"primary"}


def show_a_fresh_code(page, project):
    page.goto(f"/projects/{project.pid}/keys/")
    page.get_by_role("button", name="Reveal the primary auth token").click()
    enter_code(page)
    expect(page.get_by_role("link", name="Hide")).to_be_visible()


def test_a_refused_release_stays_in_its_dialog(project, owner, leases, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.watch.allow("422")
    page.watch.allow("409")
    show_a_fresh_code(page, project)
    page.goto(f"/projects/{project.pid}/numbers/purchased/{leases[0].pk}/")
    page.get_by_role("link", name="Release…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("At once").check()
    dialog.get_by_label("to confirm").fill("+1 212-555-0101")
    dialog.get_by_role("button", name="Release").click()
    expect(dialog.get_by_text("This is not +1 212-555-0100.")).to_be_visible()
    expect(dialog.get_by_label("to confirm")).to_be_focused()
    expect(dialog.get_by_label("to confirm")).to_have_value("+1 212-555-0101")
    expect(dialog.get_by_label("At once")).to_be_checked()
    accessible(page)
    dialog.get_by_label("to confirm").fill("+1 212-555-0100")
    expect(dialog.get_by_text("This is not +1 212-555-0100.")).to_have_count(0)
    releasing.set_lock(lease=leases[0], locked=True, by=SYSTEM, now=timezone.now())  # by a colleague, meanwhile
    dialog.get_by_role("button", name="Release").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is locked against release")
    expect(dialog.get_by_role("alert")).to_be_focused()
    assert not Lease.objects.filter(status="released").exists()


def test_a_refused_release_of_many_stays_in_its_dialog(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    page.watch.allow("422")
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.get_by_label("Select all").check()
    page.get_by_role("button", name="Release…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("At once").check()
    dialog.get_by_label("to confirm").fill("release 9 numbers")
    dialog.get_by_role("button", name="Release 2 numbers").click()
    expect(dialog.get_by_text("Type RELEASE 2 NUMBERS, or the count, to confirm.")).to_be_visible()
    expect(dialog.get_by_label("to confirm")).to_be_focused()
    expect(dialog.get_by_label("to confirm")).to_have_value("release 9 numbers")
    expect(dialog.get_by_label("At once")).to_be_checked()


def test_a_refused_change_of_keys_stays_where_it_was_asked(project, owner, signed_in_page, page_without_scripts):
    page, plain = signed_in_page(owner), page_without_scripts
    for each in (page, plain):
        each.watch.allow("409")
    show_a_fresh_code(page, project)
    plain.context.add_cookies(page.context.cookies())
    for each in (page, plain):
        each.goto(f"/projects/{project.pid}/keys/")
        each.get_by_role("link", name="Rotate").click()
        expect(each.get_by_role("button", name="Add secondary token")).to_be_visible()
    tokens.rotate(project=project, by=SYSTEM)  # a colleague is faster
    page.get_by_role("button", name="Add secondary token").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_be_focused()
    plain.get_by_role("button", name="Add secondary token").click()
    expect(plain.get_by_role("alert")).to_be_visible()
    expect(plain.get_by_role("heading", name="Add a secondary token?")).to_be_visible()


def test_without_an_answer_what_was_typed_stays(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    page.watch.allow("ERR_INTERNET_DISCONNECTED")
    page.watch.allow("htmx:")
    page.goto(f"/projects/{project.pid}/numbers/purchased/{leases[0].pk}/")
    page.get_by_role("link", name="Release…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("to confirm").fill("+1 212-555-0100")
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Release").click()
    expect(dialog.get_by_text("No answer from the server.")).to_be_visible()
    expect(dialog.get_by_label("to confirm")).to_have_value("+1 212-555-0100")
    expect(dialog.get_by_role("button", name="Release")).to_be_enabled()
    expect(dialog.locator("form")).not_to_have_attribute("aria-busy", "true")
