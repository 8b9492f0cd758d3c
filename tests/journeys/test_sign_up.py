"""From the landing page to the first signed-in page, as a newcomer does it."""

import re
from pathlib import Path

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from portal.accounts import sign_ups
from portal.accounts.models import AuthenticatorDevice, RecoveryCodeDevice, User
from portal.jobs.outbox import run_due_jobs
from tests.accounts import steps
from tests.support.people import make_user, totp

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EMAIL = "newcomer@customer.example"
NAME = "Nora Newcomer"


def newest_link(part):
    run_due_jobs()
    text = mail.outbox[-1].body
    return re.search(rf"https?://\S*{part}\S*", text).group(0)


def wait_for_captcha(page):
    page.wait_for_selector("altcha-widget [data-state=verified]")


def code_of(page):
    """What the person's app would show, from the secret on the page."""
    page.locator("details.secret summary").click()
    secret = page.locator("#secret code").inner_text().replace(" ", "")
    device = AuthenticatorDevice.objects.get(confirmed=False)
    assert secret == device.base32
    return totp(device)


def test_from_the_landing_page_to_the_projects(page, accessible):
    page.watch.allow("422")  # a wrong code, and codes that are not saved yet
    page.goto("/")
    page.get_by_role("link", name="Sign Up Now").first.click()
    expect(page.get_by_label("Full name")).to_be_visible()
    accessible(page)
    page.get_by_label("Full name").fill(NAME)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_role("combobox", name="Country").fill("England")
    page.keyboard.press("Enter")
    page.get_by_label("Phone").fill("020 7946 0958")
    page.locator("[name=password1]").fill("horse")
    page.get_by_text("7 more characters").wait_for()
    page.locator("[name=password1]").fill("correct horse battery staple")
    page.get_by_text("Strong").wait_for()
    page.get_by_role("button", name="Show the password").click()
    expect(page.locator("[name=password1]")).to_have_attribute("type", "text")
    page.locator("[name=terms]").check()
    wait_for_captcha(page)
    accessible(page)
    page.get_by_role("button", name="Sign up").click()

    page.wait_for_url("**/accounts/confirm-email/")
    page.get_by_text(EMAIL).wait_for()
    accessible(page)
    assert not User.objects.exists()
    page.goto(newest_link("activate/"))
    accessible(page)
    page.get_by_role("link", name="I don’t know the password").click()
    expect(page.get_by_role("link", name="I know the password")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="I know the password").click()
    page.locator("[name=password]").fill("correct horse battery staple")
    page.get_by_role("button", name="Activate").click()

    page.wait_for_url("**/accounts/2fa/enrol/")
    assert page.eval_on_selector(".qr", "image => image.naturalWidth") > 100  # the QR code was really drawn
    code = code_of(page)
    accessible(page)
    page.locator("[name=code]").fill("000000" if code != "000000" else "000001")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("This code is wrong").wait_for()
    page.locator("[name=code]").fill(code_of(page))
    page.get_by_role("button", name="Continue").click()

    page.wait_for_url("**/accounts/2fa/codes/")
    accessible(page)
    shown = page.locator("#codes code").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    assert Path(download.value.path()).read_text().split() == shown
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Please save the codes first").wait_for()
    page.get_by_label("I have saved these codes").check()
    page.get_by_role("button", name="Continue").click()

    page.wait_for_url("**/projects/")
    assert RecoveryCodeDevice.objects.get().left == 10
    page.goto(steps.SECURITY)
    page.get_by_role("heading", name="Account & security").wait_for()
    expect(page.get_by_label("Full name")).to_have_value(NAME)
    accessible(page)


def tab_to(page, selector):
    """Presses Tab until the element has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
    pytest.fail(f"Tab does not reach {selector}")


def test_by_keyboard_on_a_phone(phone_page):
    page = phone_page
    page.goto("/accounts/signup/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for field, typed in (
        ("[name=full_name]", NAME),
        ("[name=company]", "Acme"),
        ("[name=email]", EMAIL),
        ("#id_phone_country-ts-control", "United K"),
        ("[name=phone]", "020 7946 0958"),
        ("[name=password1]", "correct horse battery staple"),
    ):
        tab_to(page, field)
        page.keyboard.type(typed)
    tab_to(page, "[name=terms]")
    page.keyboard.press("Space")
    wait_for_captcha(page)
    tab_to(page, "button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/confirm-email/")
    page.goto(newest_link("activate/"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator("[name=password]")).to_be_focused()
    page.keyboard.type("correct horse battery staple")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/2fa/enrol/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    device = AuthenticatorDevice.objects.get()
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type(totp(device))
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/2fa/codes/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab_to(page, "[name=saved]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/")


def test_sign_up_without_the_check_is_refused(page):
    page.watch.allow("422")
    page.goto("/accounts/signup/")
    page.wait_for_selector("altcha-widget input[type=checkbox]")
    with page.expect_navigation():
        page.eval_on_selector("form.sign-up", "form => HTMLFormElement.prototype.submit.call(form)")
    page.get_by_text("I'm not a robot” and wait").wait_for()
    for field in ("full_name", "email", "phone", "password1", "terms"):
        expect(page.locator(f"#id_{field}_error")).to_be_visible()
    assert not User.objects.exists()


def test_sign_in_and_second_factor_work_without_javascript(page_without_scripts):
    page = page_without_scripts
    user = make_user()
    device, _ = steps.second_factor.enrol_directly(user=user)
    page.goto("/accounts/signup/")
    expect(page.locator("noscript .alert")).to_be_visible()
    page.goto("/accounts/login/")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", steps.PASSWORD)
    page.click("main button[type=submit]")
    page.fill("[name=code]", totp(device))
    page.click("main button[type=submit]")
    page.wait_for_url("**/projects/")


def test_security_page_on_a_phone(signed_in_phone, accessible):
    page = signed_in_phone(make_user(full_name=NAME))
    page.goto(steps.SECURITY)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_who_did_not_sign_up_sets_everything_up_without_javascript(page_without_scripts):
    page = page_without_scripts
    attempt = sign_ups.record(
        email=EMAIL,
        person=sign_ups.Person("Eve Evil", "Evil Ltd", "+442079460666"),
        password="eve knows this phrase 1",
        now=timezone.now(),
    )
    page.goto(reverse("account_activate", args=[sign_ups.new_key(attempt, timezone.now())]))
    page.get_by_role("link", name="I don’t know the password").click()
    expect(page.get_by_label("Full name")).to_have_value("")
    assert "Eve" not in page.content()
    page.get_by_label("Full name").fill(NAME)
    page.get_by_label("Country").select_option("GB")
    page.get_by_label("Phone").fill("020 7946 0958")
    page.locator("[name=password1]").fill("correct horse battery staple")
    page.locator("[name=terms]").check()
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/accounts/2fa/enrol/")
    assert User.objects.get().full_name == NAME


def test_a_new_phone_number_in_the_browser(page, accessible):
    user = make_user(phone="+442079460958")
    device, _ = steps.second_factor.enrol_directly(user=user)
    page.goto("/accounts/login/?next=/accounts/phone/")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", steps.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.fill("[name=code]", totp(device))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/accounts/phone/")
    page.get_by_label("Phone").fill("020 7946 0999")
    page.get_by_role("button", name="Send the link").click()
    page.get_by_text("waiting for confirmation").wait_for()
    accessible(page)
    page.goto(newest_link("phone/confirm/"))
    accessible(page)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/accounts/security/")
    page.get_by_text("+44 20 7946 0999").wait_for()
    page.get_by_text("Phone number changed").wait_for()
    accessible(page)
