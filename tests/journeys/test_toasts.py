"""Notifications: how long they stay, and that they are in nobody's way."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.leases.data import buy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
IN_THE_WAY = """(element) => {
  element.scrollIntoView({block: "nearest", behavior: "instant"});
  const box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !element.contains(top) && !(top && top.contains(element)) ? top?.outerHTML.slice(0, 80) ?? "nothing" : "";
}"""


@pytest.fixture
def lease(project):
    return buy(project, "+12125550100", now=timezone.now() - timedelta(days=3))


def toasts(page):
    return page.get_by_role("region", name="Notifications").locator(".portal-toast")


def fail(page):
    """A refusal that is said in a notification and nowhere else."""
    page.watch.allow("404")
    page.watch.allow("Response Status Error Code")
    page.evaluate("() => { htmx.ajax('GET', '/projects/pid_of_nobody/numbers/', '#main') }")


def test_what_is_said_nowhere_else_stays(project, owner, lease, signed_in_page):
    page = signed_in_page(owner)
    page.clock.install()
    page.goto(f"/projects/{project.pid}/keys/")
    fail(page)
    expect(toasts(page)).to_contain_text("There is no such project.")
    page.clock.fast_forward("05:00")
    expect(toasts(page)).to_have_count(1)
    toasts(page).get_by_role("button", name="Dismiss").click()
    expect(toasts(page)).to_have_count(0)


def test_what_the_page_shows_too_goes_unless_somebody_reads_it(project, owner, lease, signed_in_page):
    page = signed_in_page(owner)
    page.clock.install()
    page.goto(f"/projects/{project.pid}/numbers/purchased/{lease.pk}/")
    page.get_by_label("Friendly name").fill("Support line")
    page.get_by_role("button", name="Save name").click()
    expect(page.locator(".page-head-sub")).to_have_text("Support line")
    page.clock.run_for(200)
    expect(toasts(page)).to_have_text("Saved as “Support line”.")
    toasts(page).hover()
    page.clock.run_for(60_000)
    expect(toasts(page)).to_have_count(1)
    toasts(page).get_by_role("button", name="Dismiss").focus()
    page.mouse.move(0, 0)
    page.clock.run_for(60_000)
    expect(toasts(page)).to_have_count(1)
    page.get_by_label("Friendly name").focus()
    page.clock.run_for(8000)
    expect(toasts(page)).to_have_count(0)
    expect(page.get_by_label("Friendly name")).to_be_focused()


def test_the_keyboard_closes_one_and_is_back_where_it_was(project, owner, lease, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/{lease.pk}/")
    fail(page)
    page.get_by_label("Friendly name").focus()
    toasts(page).get_by_role("button", name="Dismiss").focus()
    page.keyboard.press("Escape")
    expect(toasts(page)).to_have_count(0)
    expect(page.get_by_label("Friendly name")).to_be_focused()


def test_in_a_dialog_escape_closes_the_notification_first(project, owner, lease, signed_in_page):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/{lease.pk}/")
    page.get_by_role("link", name="Release…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    fail(page)
    dialog.get_by_role("button", name="Dismiss").focus()
    page.keyboard.press("Escape")
    expect(dialog.locator(".portal-toast")).to_have_count(0)
    expect(dialog).to_be_visible()


@pytest.mark.parametrize("width", [320, 768])
def test_they_lie_on_nothing_that_one_needs(project, owner, lease, signed_in_page, width):
    page = signed_in_page(owner)
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"/projects/{project.pid}/numbers/purchased/{lease.pk}/")
    fail(page)
    expect(toasts(page)).to_have_count(1)
    # A picker covers its select.
    controls = "a:visible, button:visible, input:visible, select:not(.tomselected):visible"
    for control in page.locator("main").locator(controls).all():
        assert control.evaluate(IN_THE_WAY) == "", control
    page.get_by_role("link", name="Release…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".portal-toast")).to_be_visible()
    dialog.evaluate("each => Promise.all(each.getAnimations().map(one => one.finished))")
    for control in dialog.locator("a:visible, button:visible, input:visible").all():
        assert control.evaluate(IN_THE_WAY) == "", control
