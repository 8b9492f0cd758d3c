"""Push credentials in a real browser: from nothing to both, replaced, expired, removed; also without scripts."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from projects.models import PushCredential
from tests.journeys.conftest import give_session
from tests.journeys.test_projects import enter_code
from tests.push.conftest import for_ios  # noqa: F401
from tests.support.push import APP, FIREBASE, KEY_ID, LEGACY_KEY, PASSWORD, TEAM, certificate, p8, p12, service_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def file(name, data):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def current_certificate(days=300):
    today = datetime.now(UTC).replace(microsecond=0)
    return certificate(begins=today - timedelta(days=1), ends=today + timedelta(days=days))


def test_both_are_uploaded_replaced_and_removed(owner, project, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.watch.allow("422")
    page.goto(f"/projects/{project.pid}/")
    expect(page.locator("#push-ios")).to_contain_text("Not set")
    accessible(page)

    page.get_by_role("link", name="Upload the iOS certificate").click()
    expect(page.locator("#id_file")).to_be_attached()
    accessible(page)
    page.locator("#id_file").set_input_files(file(f"AuthKey_{KEY_ID}.p8", p8()))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("A .p8 key needs its Team ID.")).to_be_visible()
    expect(page.get_by_text("enter the bundle ID of the app")).to_be_visible()
    expect(page.get_by_text("Please choose the file again")).to_be_visible()
    accessible(page)
    page.locator("#id_file").set_input_files(file(f"AuthKey_{KEY_ID}.p8", p8()))
    page.get_by_label("Team ID").fill(TEAM)
    page.get_by_label("Bundle ID").fill(APP)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("The iOS certificate was uploaded.")).to_be_visible()
    expect(page.get_by_text(KEY_ID)).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Replace").click()
    enter_code(page)
    expect(page.get_by_text("It takes the place of the one for")).to_be_visible()
    page.locator("#id_file").set_input_files(file("push.p12", p12(current_certificate(20), password=PASSWORD)))
    page.get_by_label("Password of the file").fill("wrong")
    page.get_by_role("button", name="Replace").click()
    expect(page.get_by_text("The password does not open this file.")).to_be_visible()
    expect(page.get_by_label("Password of the file")).to_have_value("")
    page.locator("#id_file").set_input_files(file("push.p12", p12(current_certificate(20), password=PASSWORD)))
    page.get_by_label("Password of the file").fill(PASSWORD)
    page.get_by_role("button", name="Replace").click()
    expect(page.get_by_text("The iOS certificate was replaced.")).to_be_visible()
    expect(page.get_by_text("Expires soon")).to_be_visible()
    accessible(page)

    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Dashboard").click()
    page.get_by_role("link", name="Upload the Android API key").click()
    page.get_by_label("or paste its content").fill(LEGACY_KEY)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Google shut down the API that took such keys")).to_be_visible()
    expect(page.get_by_label("or paste its content")).to_have_value("")
    accessible(page)
    page.locator("#id_file").set_input_files(file("acme.json", service_account()))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("The Android API key was uploaded.")).to_be_visible()
    page.goto(f"/projects/{project.pid}/")
    expect(page.locator("#push-android")).to_contain_text(FIREBASE)
    expect(page.locator("#push-ios")).to_contain_text("Expires soon")
    accessible(page)

    page.get_by_role("link", name="Details of the iOS certificate").click()
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_role("dialog")).to_contain_text("Remove the iOS certificate?")
    accessible(page)
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The iOS certificate was removed.")).to_be_visible()
    expect(page.get_by_text("Calls ring on iPhones only while your app is open.")).to_be_visible()
    assert list(PushCredential.objects.values_list("platform", flat=True)) == ["android"]


def test_without_scripts(owner, project, page_without_scripts, live_server):
    page = give_session(page_without_scripts, live_server, owner)
    page.goto(f"/projects/{project.pid}/")
    page.get_by_role("link", name="Upload the Android API key").click()
    page.locator("#id_file").set_input_files(file("acme.json", service_account()))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text(FIREBASE).first).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    enter_code(page)
    expect(page.get_by_text("The Android API key was removed.")).to_be_visible()
    assert not PushCredential.objects.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(owner, project, signed_in_phone, accessible, scheme, for_ios):  # noqa: F811
    for_ios(p12(current_certificate(20)), now=datetime.now(UTC))
    page = signed_in_phone(owner)
    page.emulate_media(color_scheme=scheme)
    for path in ("", "push/ios/", "push/android/", "push/android/upload/", "push/ios/remove/"):
        page.goto(f"/projects/{project.pid}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        accessible(page)
