"""The API reference in a browser: both themes, every width, the keyboard, copying."""

import pytest
from playwright.sync_api import expect

from tests.faults.workers import until
from tests.support.projects import make_project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_no_barrier_and_no_sideways_scrolling(signed_in_page, accessible, scheme):
    project = make_project()
    page = signed_in_page(project.created_by)
    page.emulate_media(color_scheme=scheme)
    for width in (320, 390, 640, 768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"/projects/{project.pid}/numbers/api/")
        assert page.evaluate("document.querySelector('.reference').scrollWidth") <= width
        assert page.evaluate(
            "[...document.querySelectorAll('.reference section, .reference nav')]"
            ".every((each) => each.getBoundingClientRect().right <= innerWidth)"
        )
    accessible(page)


def test_a_long_command_scrolls_by_keyboard_and_is_copied_whole(signed_in_page):
    project = make_project()
    page = signed_in_page(project.created_by)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"/projects/{project.pid}/numbers/api/")
    block = page.get_by_role("region", name="List numbers: command")
    block.focus()
    expect(block).to_be_focused()
    page.keyboard.press("ArrowRight")
    until(lambda: block.evaluate("(each) => each.scrollLeft > 0"), "the command to scroll")
    page.get_by_role("button", name="Copy: List numbers: command").click()
    expect(page.get_by_text("List numbers: command copied.")).to_be_visible()
    until(lambda: page.evaluate("() => navigator.clipboard.readText()") == block.text_content(), "the copied command")
