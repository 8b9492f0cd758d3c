"""``python -m sandbox.tour [--widths 320,768] [screen …]``: pictures of all screens, or of those whose names are given.

``--widths``: instead of light, dark and phone, light ones in windows of these widths (CSS pixels)."""

import argparse
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


def of_width(width: int) -> dict[str, Any]:
    return {"viewport": DESKTOP | {"width": width}, "color_scheme": "light"}


def photograph(
    browser: Browser, facts: dict[str, Any], screens: list[Screen], variants: dict[str, dict[str, Any]]
) -> int:
    """Returns how many screens went wrong."""
    sessions = visit.sign_in_everybody(browser, facts)
    addresses = visit.discover(browser, facts, sessions)
    wrong = 0
    for variant, options in variants.items():
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--widths", default="")
    parser.add_argument("screens", nargs="*")
    chosen = parser.parse_args()
    screens = [screen for screen in SCREENS if not chosen.screens or screen.name in chosen.screens]
    variants = {width: of_width(int(width)) for width in chosen.widths.split(",") if width} or VARIANTS
    OUT.mkdir(parents=True, exist_ok=True)
    with demo() as facts, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        wrong = photograph(browser, facts, screens, variants)
        browser.close()
    print(f"{len(screens) * len(variants)} pictures in {OUT}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
