"""Two ways of working with a page: with a mouse, and with nothing but a keyboard."""

import pytest
from playwright.sync_api import expect

TABS = 250


def wait_for_picker(field):
    """While a page gets ready, the plain select stands in the picker's place."""
    expect(field).to_have_attribute("role", "combobox")


class Mouse:
    def __init__(self, page):
        self.page = page

    def press(self, control):
        control.click()

    def tick(self, box):
        box.check()

    def pick(self, radio):
        radio.check()

    def write(self, field, text):
        field.fill(text)

    def write_time(self, field, at):
        field.fill(f"{at:%Y-%m-%dT%H:%M}")

    def select(self, field, label):
        field.select_option(label=label)

    def choose(self, field, value, typed):
        wait_for_picker(field)
        field.click()
        self.page.get_by_role("option", name=typed).first.click()


class Keyboard:
    def __init__(self, page):
        self.page = page

    def reach(self, control):
        """Presses Tab until the control has the focus, which must be visible there."""
        control.wait_for()
        for _ in range(TABS):
            if control.evaluate("each => each === document.activeElement"):
                assert control.evaluate("each => each.checkVisibility()")
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"Tab does not reach {control} on {self.page.url}")

    def press(self, control):
        self.reach(control)
        self.page.keyboard.press("Enter")

    def tick(self, box):
        self.reach(box)
        self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def pick(self, radio):
        """Tab leads to the chosen one of the group, arrows to the others."""
        name = radio.evaluate("each => each.name")
        self.reach(self.page.locator(f"[type=radio][name='{name}']:checked"))
        while not radio.evaluate("each => each.checked"):
            self.page.keyboard.press("ArrowDown")

    def write(self, field, text):
        self.reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def write_time(self, field, at):
        """Part by part, in the order of the browser's language (American English); years may have six digits."""
        self.reach(field)
        self.page.keyboard.type(f"{at:%m%d%Y}")
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.type(f"{at:%I%M%p}")

    def select(self, field, label):
        self.reach(field)
        self.page.keyboard.type(label)

    def choose(self, field, value, typed):
        wait_for_picker(field)
        self.reach(field)
        self.page.keyboard.type(typed)
        self.page.keyboard.press("Enter")
