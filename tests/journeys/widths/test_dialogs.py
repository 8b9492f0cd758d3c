"""Dialogs, menus and notifications: at every width, and where the window is low all their buttons can be reached."""

import pytest
from playwright.sync_api import expect

from tests.journeys.widths.measuring import WIDTHS, faults, framed, report, resize, unreachable
from tests.journeys.widths.test_pages import open_as, signed_in_as, world  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOW = [(320, 480), (640, 360), (320, 256)]  # a small phone, one held sideways, a desktop's 1280 × 1024 at 400 %
ONLY_THIS_OPEN = """place => document.querySelectorAll('details.menu').forEach(
  (each, at) => { each.open = at === place; })"""


@pytest.fixture
def here(world, page, live_server):  # noqa: F811
    page = framed(open_as(signed_in_as("owner", world), page, live_server))
    page.base = f"/projects/{world.project.pid}/"
    return page


def fits(page):
    """What is wrong with the dialog that is open."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    found = {"dialog": faults(page, WIDTHS[::2]), "larger text": faults(page, WIDTHS[::8], text="125%")}
    for width, height in LOW:
        found[f"{width} × {height}"] = {fault: [width] for fault in unreachable(page, width, height, "#modal")}
    return {where: each for where, each in found.items() if each}


def test_the_dialogs_of_buying(here, world):  # noqa: F811
    for query, name in (("country=US", "Purchase"), ("country=IT", "Order")):
        here.goto(f"{here.base}numbers/buy/?{query}")
        here.locator(".nt-buy .btn", has_text=name).first.click()
        found = fits(here)
        assert found == {}, report(found)


def test_the_dialogs_of_one_number_and_of_many(here, world):  # noqa: F811
    here.goto(f"{here.base}numbers/purchased/{world.leases[1].pk}/")
    here.get_by_role("link", name="Release…").click()
    found = fits(here)
    assert found == {}, report(found)
    here.goto(f"{here.base}numbers/purchased/")
    here.get_by_label("Select all").check()
    found = faults(here, WIDTHS[::2])  # with the buttons for those that are selected
    assert found == {}, report({"selected": found})
    here.get_by_role("button", name="Release…").click()
    found = fits(here)
    assert found == {}, report(found)


def test_the_dialog_of_a_token(here):
    here.goto(f"{here.base}keys/")
    here.get_by_role("link", name="Rotate").click()
    found = fits(here)
    assert found == {}, report(found)


def test_each_menu_opens_within_the_window(here, world):  # noqa: F811
    found = {}
    for path in ("numbers/purchased/", f"numbers/orders/{world.orders[0].ref}/", "numbers/documents/"):
        here.goto(here.base + path)
        for place in range(here.locator("details.menu").count()):
            here.evaluate(ONLY_THIS_OPEN, place)
            found[f"{path} {place}"] = faults(here, WIDTHS[::6])
    found = {where: each for where, each in found.items() if each}
    assert found == {}, report(found)


def test_the_side_navigation_of_a_small_window(here):
    resize(here, 320, 480)
    here.goto(f"{here.base}numbers/")
    here.get_by_role("button", name="Menu", exact=True).click()
    expect(here.get_by_role("link", name="Dashboard")).to_be_focused()
    for width, height in LOW:
        assert unreachable(here, width, height, "#side-nav") == []


def test_a_long_notification(here, world):  # noqa: F811
    here.watch.allow("Response Status Error Code")
    here.goto(f"{here.base}numbers/purchased/")
    here.evaluate(
        """text => {
      const region = document.getElementById('toasts');
      region.insertAdjacentHTML('beforeend', `<div class="portal-toast portal-toast-danger" role="alert" data-toast>
        <div class="portal-toast-text">${text}</div>
        <button type="button" class="icon-button" data-toast-close aria-label="Dismiss">×</button></div>`)
    }""",
        f"{world.owner.email} was told that +44 20 7946 0100 costs 1,234,567.89 USD; {world.project.name * 3}",
    )
    found = faults(here, WIDTHS[::3])
    assert found == {}, report({"toast": found})
    for width, height in LOW:
        assert unreachable(here, width, height, "#toasts") == []
