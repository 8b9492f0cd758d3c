"""Two ways of working with a page: with a mouse, and with nothing but a keyboard."""

import pytest
from playwright.sync_api import expect

TABS = 250


class Mouse:
    def __init__(self, page):
        self.page = page

    def press(self, control):
        control.click()

    def tick(self, box):
        box.check()

    def write(self, field, text):
        field.fill(text)

    def choose(self, field, value, typed):
        field.click()
        self.page.get_by_role("option", name=typed).first.click()


class Keyboard:
    def __init__(self, page):
        self.page = page

    def reach(self, control):
        """Presses Tab until the control has the focus, which must be visible there."""
        control.wait_for()
        for _ in range(TABS):
            # Found anew at each step: a picker takes the place of its select while the page gets ready.
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

    def write(self, field, text):
        self.reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, field, value, typed):
        self.reach(field)
        self.page.keyboard.type(typed)
        self.page.keyboard.press("Enter")
