"""``python -m sandbox.tour [screen …]``: pictures of all screens, or of those whose names are given."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from sandbox.servers import end_with_parent, free_port
from sandbox.tour import visit
from sandbox.tour.screens import SCREENS, Screen

VAR = Path(__file__).resolve().parent.parent.parent / "var"
OUT = VAR / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
VARIANTS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light", "device_scale_factor": 2, "is_mobile": True,
              "has_touch": True},
}


def running_demo() -> dict[str, Any] | None:
    try:
        facts: dict[str, Any] = json.loads((VAR / "demo.json").read_text(encoding="utf-8"))
        with urlopen(f"{facts['url']}/readyz", timeout=5):
            return facts
    except (OSError, ValueError, URLError):
        return None


@contextmanager
def demo() -> Iterator[dict[str, Any]]:
    """The running demo, or one for as long as the tour takes."""
    if (facts := running_demo()) is not None:
        yield facts
        return
    print("No demo is running; starting one …", flush=True)
    (VAR / "demo.json").unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, "-m", "sandbox.demo"], env=os.environ | {"PORT": str(free_port())},
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=end_with_parent)
    try:
        while (facts := running_demo()) is None:
            if process.poll() is not None:
                sys.exit("The demo did not start.")
            time.sleep(0.5)
        yield facts
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def photograph(browser: Browser, facts: dict[str, Any], screens: list[Screen]) -> int:
    """Returns how many screens went wrong."""
    sessions = visit.sign_in_everybody(browser, facts)
    addresses = visit.discover(browser, facts, sessions)
    wrong = 0
    for variant, options in VARIANTS.items():
        contexts = {who: browser.new_context(base_url=facts["url"], storage_state=state, **options)
                    for who, state in sessions.items()}
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
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Screenshots need Chromium: install its package, or set CHROMIUM to its path.", file=sys.stderr)
        return 1
    names = set(sys.argv[1:])
    screens = [screen for screen in SCREENS if not names or screen.name in names]
    OUT.mkdir(parents=True, exist_ok=True)
    with demo() as facts, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        wrong = photograph(browser, facts, screens)
        browser.close()
    print(f"{len(screens) * len(VARIANTS)} pictures in {OUT}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
