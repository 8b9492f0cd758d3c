"""``python -m sandbox.tour [screen …]``: pictures of all screens, or of those whose names are given."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from sandbox.browser import ARGUMENTS, CHROMIUM, DESKTOP, PHONE
from sandbox.demo import VAR
from sandbox.servers import free_port
from sandbox.started import running, started
from sandbox.tour import visit
from sandbox.tour.screens import SCREENS, Screen

OUT = VAR / "screenshots"
VARIANTS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {
        "viewport": PHONE,
        "color_scheme": "light",
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}


@contextmanager
def demo() -> Iterator[dict[str, Any]]:
    """The running demo, or one for as long as the tour takes."""
    if (facts := running(VAR)) is not None:
        yield facts
        return
    print("No demo is running; starting one …", flush=True)
    with started(VAR, os.environ | {"PORT": str(free_port())}, subprocess.DEVNULL) as facts:
        yield facts


def photograph(browser: Browser, facts: dict[str, Any], screens: list[Screen]) -> int:
    """Returns how many screens went wrong."""
    sessions = visit.sign_in_everybody(browser, facts)
    addresses = visit.discover(browser, facts, sessions)
    wrong = 0
    for variant, options in VARIANTS.items():
        contexts = {
            who: browser.new_context(base_url=facts["url"], storage_state=state, **options)
            for who, state in sessions.items()
        }
        for screen in screens:
            try:
                address = screen.path.format(**addresses)
            except KeyError as missing:
                print(f"{screen.name}: no address for {missing}", file=sys.stderr)
                wrong += 1
                continue
            page = contexts[screen.who].new_page()
            answer = page.goto(address, wait_until="networkidle" if "mail" not in screen.name else "load")
            if answer is None or answer.status != screen.status:
                print(f"{screen.name}: {address} answered {answer and answer.status}", file=sys.stderr)
                wrong += 1
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                print(f"{screen.name}-{variant}: wider than the window", file=sys.stderr)
                wrong += 1
            page.screenshot(path=OUT / f"{screen.name}-{variant}.png", full_page=True)
            page.close()
        for context in contexts.values():
            context.close()
    return wrong


def main() -> int:
    if CHROMIUM is None:
        print("Screenshots need Chromium: install its package, or set CHROMIUM to its path.", file=sys.stderr)
        return 1
    names = set(sys.argv[1:])
    screens = [screen for screen in SCREENS if not names or screen.name in names]
    OUT.mkdir(parents=True, exist_ok=True)
    with demo() as facts, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        wrong = photograph(browser, facts, screens)
        browser.close()
    print(f"{len(screens) * len(VARIANTS)} pictures in {OUT}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
