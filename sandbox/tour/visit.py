"""What the tour does at the portal before it takes pictures: signs in, buys credits, finds addresses."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, Page

from sandbox import totp

NEWCOMER_PASSWORD = "quartz-harbor-violin-7319"
Facts = dict[str, Any]
Sessions = dict[str, Any]


@contextmanager
def page_of(browser: Browser, facts: Facts, state: Any = None) -> Iterator[Page]:
    context = browser.new_context(base_url=facts["url"], storage_state=state, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def enter_password(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/accounts/2fa/**")


def enter_code(page: Page, secret: str) -> None:
    """A code works once; if somebody used it just now, the next one will do."""
    for _ in range(2):
        page.locator("[name=code]").fill(used := totp.code(secret))
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()
        if "/accounts/2fa/" not in page.url:
            return
        while totp.code(secret) == used:
            time.sleep(0.5)
    raise RuntimeError("The second factor was refused twice.")


def sign_in_everybody(browser: Browser, facts: Facts) -> Sessions:
    """Browser states by name. ``halfway`` has given the password only; ``newcomer`` has no second factor yet."""
    sessions: Sessions = {"nobody": None}
    for role in ("customer", "provisioning", "billing"):
        with page_of(browser, facts) as page:
            enter_password(page, facts[role]["email"], facts[role]["password"])
            enter_code(page, facts[role]["totp_secret"])
            sessions[role] = page.context.storage_state()
    with page_of(browser, facts) as page:
        enter_password(page, facts["customer"]["email"], facts["customer"]["password"])
        sessions["halfway"] = page.context.storage_state()
    with page_of(browser, facts) as page:
        sign_up(page, facts)
        sessions["newcomer"] = page.context.storage_state()
    return sessions


def sign_up(page: Page, facts: Facts) -> None:
    email = f"tour-{int(time.time())}@customer.example"
    page.goto("/accounts/signup/")
    for name, value in (
        ("full_name", "Tess Tour"),
        ("company", "Tour Ltd"),
        ("email", email),
        ("phone", "020 7946 0958"),
        ("password1", NEWCOMER_PASSWORD),
    ):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=phone_country]").select_option("GB")
    page.locator("[name=terms]").check()
    page.wait_for_selector("altcha-widget [data-state=verified]", timeout=60_000)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/accounts/confirm-email/")
    page.goto(link_in_mail(facts, email, "accounts/activate/"))
    page.locator("[name=password]").fill(NEWCOMER_PASSWORD)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/accounts/2fa/enrol/")


def mail_about(facts: Facts, to: str, part: str, patience: float = 40) -> dict[str, Any]:
    """The newest mail to ``to`` with ``part`` in its subject or in a link; waits for the worker to send it."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with urlopen(f"{facts['mailbox_url']}/messages.json?to={to}") as answer:
            mails: list[dict[str, Any]] = json.load(answer)
        for mail in mails:
            if any(part in text for text in (mail["subject"], *mail["links"])):
                return mail
        time.sleep(0.1)
    raise RuntimeError(f"No mail about {part} reached {to}.")


def link_in_mail(facts: Facts, to: str, part: str) -> str:
    return next(link for link in mail_about(facts, to, part)["links"] if part in link)


def discover(browser: Browser, facts: Facts, sessions: Sessions) -> dict[str, str]:
    """Addresses that hold ids. A missing one stays away, and so do its screens."""
    project = f"/projects/{facts['project']['id']}/"
    found = {"project": project, "mailbox": facts["mailbox_url"], "mail": f"{facts['mailbox_url']}/1"}
    found["receiver"] = facts["receiver_url"]
    with page_of(browser, facts, sessions["customer"]) as page:
        page.goto(f"{project}numbers/purchased/")
        add(found, "lease", first_link(page, r"/numbers/purchased/\d+/$"))
        if "lease" in found:
            add(found, "switch", simulate_a_call(page, found["lease"]))
            page.goto(f"{project}numbers/calls/")
            add(found, "call", first_link(page, r"/numbers/calls/\d+-\d+/$"))
            simulate_an_sms(page, found["lease"])
            page.goto(f"{project}numbers/sms/logs/")
            add(found, "message", first_link(page, r"/numbers/sms/logs/[0-9a-f-]{36}/$"))
            page.goto(f"{project}numbers/purchased/")
        add(found, "ordered", first_link(page, r"/numbers/orders/[0-9a-f-]{36}/$"))
        page.goto(f"{project}numbers/buy/?country=US")
        add(found, "buy", first_link(page, r"/numbers/buy/\d{7,15}/"))
        page.goto(f"{project}numbers/buy/?country=DE")
        add(found, "order", first_link(page, r"/numbers/buy/\d{7,15}/"))
        add(found, "gateway", open_payment(page, project))
        if "gateway" in found:
            open_payment(page, project)  # one to look at, one to pay
            page.get_by_role("button", name=re.compile("^Pay [0-9]")).click()
            page.wait_for_url(re.compile("/credits/"))
            add(found, "receipt", receipt_address(page, project))
    with page_of(browser, facts, sessions["provisioning"]) as page:
        page.goto("/admin/numbers/order/")
        add(found, "review", first_link(page, r"/admin/numbers/order/\d+/"))
    return found


def add(found: dict[str, str], name: str, address: str | None) -> None:
    if address is not None:
        found[name] = address


def first_link(page: Page, pattern: str) -> str | None:
    addresses: list[str] = page.locator("main a[href]").evaluate_all("links => links.map(link => link.pathname)")
    return next((address for address in addresses if re.search(pattern, address)), None)


def simulate_a_call(page: Page, lease: str) -> str:
    """A call to the number by the demo's switch; returns the address of the page that it is made from."""
    page.goto(lease)
    page.get_by_role("link", name="Simulate an incoming call").click()
    page.get_by_role("button", name="Call").click()
    page.get_by_role("status").wait_for()
    return page.url


def open_payment(page: Page, project: str) -> str:
    page.goto(f"{project}credits/")
    form = page.locator("form[action$='/credits/add/']").first
    form.locator("[name=amount]").last.fill("40")
    for box in form.locator("[type=checkbox]").all():
        box.check()
    form.locator("button[type=submit]").last.click()
    page.wait_for_url(re.compile("/pay/|/c/"))
    return page.url


def receipt_address(page: Page, project: str, patience: float = 40) -> str | None:
    """The receipt of the payment, once the signed webhook has booked it."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        page.goto(f"{project}credits/")
        if (address := first_link(page, r"/credits/receipts/[0-9a-f-]+/")) is not None:
            return address
        time.sleep(0.5)
    return None


def simulate_an_sms(page: Page, lease: str) -> None:
    """To the number, if it takes messages."""
    page.goto(lease)
    link = page.get_by_role("link", name="Simulate an incoming SMS")
    if link.count():
        link.click()
        page.get_by_role("button", name="Send").click()
        page.get_by_role("status").wait_for()
