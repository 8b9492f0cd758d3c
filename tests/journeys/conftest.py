"""A real Chromium against the live server. Every page is watched: a script error, a violation of the content
security policy or a request to another host fails the test, whatever the test itself asserts."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from sandbox.browser import ARGUMENTS, CHROMIUM, DESKTOP, PHONE
from tests.support.people import browser_of
from tests.support.receivers import receiver as running_receiver

# Playwright's sync API keeps an event loop in this thread; Django would refuse to talk to the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation',
  event => console.error('CSP: ' + event.effectiveDirective + ' ' + event.blockedURI));
"""


# Milliseconds until a wait counts as in vain, for all waits. How fast the portal is, other tests say; here a machine
# that is busy must not fail anybody.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

# What fades in has its contrast when it is there.
AT_REST = """
() => Promise.all(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
  .map((each) => each.finished.catch(() => null)))
"""


@dataclass
class Watch:
    """What went wrong on a page. A test may ``allow`` a console message that it provokes (part of its text)."""

    home: str
    allowed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def allow(self, part: str) -> None:
        self.allowed.append(part)

    def complain(self, text: str) -> None:
        self.complaints.append(text)

    def request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.home:
            self.complain(f"request to another host: {url}")

    def verdict(self) -> list[str]:
        return [text for text in self.complaints if not any(part in text for part in self.allowed)]


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def home(live_server):
    """Where the pages are opened: the portal of this process. Something with a ``url``."""
    return live_server


@pytest.fixture(autouse=True)
def _site(home, settings):
    """Links in mails lead to the live server; mails are rows of the outbox, as in production."""
    settings.SITE_URL = home.url
    settings.EMAIL_BACKEND = "portal.jobs.mail.OutboxEmailBackend"


def _watched_page(browser, home, viewport, **options) -> Iterator:
    context = browser.new_context(viewport=viewport, base_url=home.url, **options)
    context.add_init_script(REPORT_VIOLATIONS)
    page = context.new_page()
    page.watch = watch = Watch(home=urlsplit(home.url).netloc)
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: watch.request(request.url))
    page.on("pageerror", lambda error: watch.complain(f"script error: {error}"))
    page.on("console", lambda line: watch.complain(f"console: {line.text}") if line.type == "error" else None)
    yield page
    context.close()
    assert watch.verdict() == []


@pytest.fixture
def page(browser, home):
    yield from _watched_page(browser, home, DESKTOP)


@pytest.fixture
def phone_page(browser, home):
    yield from _watched_page(browser, home, PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def page_without_scripts(browser, home):
    yield from _watched_page(browser, home, DESKTOP, java_script_enabled=False)


def give_session(page, live_server, user):
    client = browser_of(user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    return page


@pytest.fixture
def signed_in_page(page, live_server):
    """``signed_in_page(user)`` → the desktop page with that person's verified session."""
    return lambda user: give_session(page, live_server, user)


@pytest.fixture
def signed_in_phone(phone_page, live_server):
    return lambda user: give_session(phone_page, live_server, user)


@pytest.fixture
def accessible():
    """``accessible(page)`` fails with axe's report when the page has a barrier."""

    def check(page):
        expect(page.locator("#toasts:not([data-ready])")).to_have_count(0)  # what the page says when it is loaded
        page.evaluate(AT_REST)
        result = Axe().run(page)
        assert result.violations_count == 0, f"{page.url}\n{result.generate_report()}"

    return check


@pytest.fixture
def receiver(settings):
    """A customer's server on this machine."""
    settings.WEBHOOK_PRIVATE_TARGETS = True
    with running_receiver() as found:
        yield found
