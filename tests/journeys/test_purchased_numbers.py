"""Purchased Numbers in a browser: find, tag, release, take back; at a desk, by keyboard, on a phone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from numbers.leases import releasing, services
from numbers.models import Lease
from portal.accounts.models import AuthenticatorDevice
from projects.actor import SYSTEM
from tests.leases.data import buy
from tests.support.leases import fresh
from tests.support.people import totp

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def leases(project):
    now = timezone.now() - timedelta(days=3)
    made = [buy(project, f"+1212555010{n}", now=now) for n in range(3)]
    made.append(buy(project, "+442079460100", country="GB", region="England", city="London", now=now))
    services.set_tags(lease=made[3], tags=["support"], by=SYSTEM, now=now)
    return made


def enter_code(page):
    page.wait_for_url("**/accounts/2fa/reauthenticate/**")
    device = AuthenticatorDevice.objects.get()
    page.locator("[name=code]").fill(totp(device))
    page.keyboard.press("Enter")


def still(page):
    """A dialog that is moving is half transparent, which axe takes for a lack of contrast."""
    page.get_by_role("dialog").evaluate("each => Promise.all(each.getAnimations().map(one => one.finished))")


def shown(page):
    return page.locator("tr[id^=lease-] .phone-number")


def test_find_and_tag_many(project, owner, leases, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    accessible(page)
    expect(page.get_by_role("button", name="Release…")).to_be_hidden()
    page.get_by_label("Search by digits, name or tag").fill("212 555")
    expect(shown(page)).to_have_count(3)
    page.wait_for_url("**q=212*555*")
    page.get_by_text("More filters").click()
    page.get_by_label("Country").select_option("GB")
    expect(page.get_by_text("No number matches")).to_be_visible()
    page.get_by_label("Country").select_option("US")
    expect(shown(page)).to_have_count(3)
    expect(page.locator("[data-filter-count]")).to_have_text("1")

    page.get_by_label("Select all").check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_label("Select +1 212-555-0101").uncheck()
    expect(page.get_by_text("2 selected")).to_be_visible()
    accessible(page)
    page.get_by_label("Tag", exact=True).last.fill("Night Shift")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("2 of 2 done")).to_be_visible()
    still(page)
    accessible(page)
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.locator(".purchased-numbers .tag-chip", has_text="night shift")).to_have_count(2)
    expect(page.get_by_text("selected")).to_have_count(0)
    expect(page).to_have_url(re.compile("country=US"))
    assert sorted(Lease.objects.filter(tags=["night shift"]).values_list("pk", flat=True)) == [
        leases[0].pk,
        leases[2].pk,
    ]


def test_nothing_typed_is_lost_when_a_tag_is_refused(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    page.watch.allow("422")
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.get_by_label("Select +44 20 7946 0100").check()
    page.get_by_label("Tag", exact=True).last.fill("a,b")
    page.get_by_role("button", name="Add the tag").click()
    expect(page.get_by_text("no commas")).to_be_visible()
    expect(page.get_by_label("Tag", exact=True).last).to_have_value("a,b")
    expect(page.get_by_text("1 selected")).to_be_visible()


def test_release_by_keyboard_with_a_fresh_code_and_take_it_back(project, owner, leases, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/{leases[0].pk}/")
    accessible(page)
    page.get_by_role("link", name="Release…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("is not refunded")).to_be_visible()
    still(page)
    accessible(page)
    dialog.get_by_label("At the end of the paid month").focus()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_label("At once")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("(212) 555-0100")
    page.keyboard.press("Enter")
    enter_code(page)
    expect(page.get_by_text("+1 212-555-0100 was released.")).to_be_visible()
    expect(page.get_by_text("You can undo this until")).to_be_visible()
    assert fresh(leases[0]).status == "released"
    accessible(page)
    page.get_by_role("button", name="Undo the release").click()
    expect(page.get_by_text("is yours again, with its settings")).to_be_visible()
    assert fresh(leases[0]).status == "active"


def test_wrong_number_typed_stays_on_the_page(project, owner, leases, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.watch.allow("422")
    page.goto(f"/projects/{project.pid}/numbers/purchased/{leases[0].pk}/release/")
    accessible(page)
    page.get_by_label("to confirm").fill("+1 212-555-0101")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("This is not +1 212-555-0100.")).to_be_visible()
    expect(page.get_by_label("to confirm")).to_be_focused()
    accessible(page)
    page.get_by_label("to confirm").fill("+1 212-555-0100")
    page.get_by_role("button", name="Release").click()
    enter_code(page)
    expect(page.locator(".portal-toast", has_text="it works until then")).to_be_visible()
    page.get_by_role("button", name="Keep the number").click()
    expect(page.get_by_text("is kept and will be renewed each month.")).to_be_visible()


def test_release_many_and_see_what_became_of_each(project, owner, leases, signed_in_page, accessible):
    releasing.set_lock(lease=leases[1], locked=True, by=SYSTEM, now=timezone.now())
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.get_by_label("Select all").check()
    page.get_by_role("button", name="Release…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Locked: unlock it first")).to_be_visible()
    still(page)
    accessible(page)
    dialog.get_by_label("At once").check()
    dialog.get_by_label("to confirm").fill("release 3 numbers")
    dialog.get_by_role("button", name="Release 3 numbers").click()
    enter_code(page)
    expect(page.get_by_text("3 of 3 done")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Back to the numbers").click()
    expect(shown(page)).to_have_text(["+1 212-555-0101"])


def test_tags_of_other_numbers_are_one_press_away(project, owner, leases, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/{leases[0].pk}/")
    page.get_by_role("textbox", name="Tags").fill("berlin")
    page.get_by_role("button", name="Add the tag support").click()
    expect(page.get_by_role("textbox", name="Tags")).to_have_value("berlin, support")
    page.get_by_role("button", name="Save tags").click()
    expect(page.get_by_text("The tags were saved.")).to_be_visible()
    assert fresh(leases[0]).tags == ["berlin", "support"]


def test_all_of_it_fits_a_phone(project, owner, leases, signed_in_phone, accessible):
    releasing.release(lease=leases[2], at_period_end=True, by=SYSTEM, now=timezone.now())
    page = signed_in_phone(owner)
    at = f"/projects/{project.pid}/numbers/purchased/"
    for path in (
        at,
        f"{at}?country=GB&tag=support",
        f"{at}{leases[0].pk}/",
        f"{at}{leases[2].pk}/",
        f"{at}{leases[0].pk}/release/",
        f"{at}bulk/release/?lease={leases[0].pk}&lease={leases[1].pk}",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        accessible(page)
    page.goto(at)
    page.get_by_label("Select +44 20 7946 0100").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("1 of 1 done")).to_be_visible()


def test_everything_works_without_scripts(project, owner, leases, page_without_scripts, live_server):
    from tests.journeys.conftest import give_session

    page = give_session(page_without_scripts, live_server, owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.get_by_label("Search by digits, name or tag").fill("0101")
    page.get_by_role("button", name="Search").click()
    expect(shown(page)).to_have_text(["+1 212-555-0101"])
    page.get_by_label("Select +1 212-555-0101").check()
    page.locator("#bulk-tag").fill("vip")
    page.get_by_role("button", name="Add the tag").click()
    expect(page.get_by_text("1 of 1 done")).to_be_visible()
    page.get_by_role("link", name="Back to the numbers").click()
    page.get_by_label("Select +1 212-555-0101").check()
    page.get_by_role("button", name="Release…").click()
    page.get_by_label("to confirm").fill("1")
    page.get_by_role("button", name="Release 1 number").click()
    enter_code(page)
    expect(page.get_by_text("1 of 1 done")).to_be_visible()
    assert fresh(leases[1]).release_on == fresh(leases[1]).next_charge_on
