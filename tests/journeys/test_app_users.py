"""App users in a real browser: added, found, given a new password, deactivated, imported; and without scripts."""

import pytest
from playwright.sync_api import expect

from portal.jobs.outbox import run_due_jobs
from projects.app_users.models import AppUser
from projects.app_users.passwords import decrypted
from tests.journeys.conftest import give_session
from tests.support.app_users import add_app_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet_broker"),
]
CSV = "Username;Name\nalice;Alice\nbob;Bob\no'hara;\n"


def shown(page):
    return page.locator("a.app-username")


def password_of(username):
    return decrypted(AppUser.objects.get(username=username).sip_password)


def add(page, project, username):
    page.goto(f"/projects/{project.pid}/app-users/")
    page.get_by_role("link", name="Add app user").first.click()
    page.get_by_label("App Username/Login ID").fill(username)
    page.locator("main").get_by_role("button", name="Add app user").click()


def choose(page, text):
    page.get_by_label("CSV file").set_input_files(
        {"name": "staff.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    )
    page.get_by_role("button", name="Import").click()


def test_from_adding_to_deactivating(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.watch.allow("422")
    add_app_user(project, "reception", display_name="Front desk")
    add(page, project, "Alice@customer.example")
    expect(page.get_by_text("only the part before the @: alice")).to_be_visible()
    accessible(page)
    page.get_by_label("App Username/Login ID").fill("alice")
    page.locator("main").get_by_role("button", name="Add app user").click()
    expect(page.get_by_role("heading", name="alice was added")).to_be_visible()
    expect(page.get_by_text(password_of("alice"), exact=True)).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="App users").last.click()
    page.get_by_label("Search by username or display name").fill("front")
    expect(shown(page)).to_have_text(["reception"])
    page.get_by_label("Search by username or display name").fill("")
    expect(shown(page)).to_have_text(["alice", "reception"])
    page.locator("summary", has_text="More for alice").click()
    page.get_by_role("link", name="Reset SIP password").locator("visible=true").click()
    expect(page.get_by_role("dialog")).to_contain_text("Reset the SIP password of alice?")
    accessible(page)
    before = password_of("alice")
    page.get_by_role("dialog").get_by_role("button", name="Reset SIP password").click()
    expect(page.get_by_role("dialog")).to_contain_text("New SIP password of alice")
    assert password_of("alice") != before
    expect(page.get_by_role("dialog")).to_contain_text(password_of("alice"))
    accessible(page)
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    page.get_by_label("Status").select_option("Active")
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?status=active")
    page.locator("summary", has_text="More for alice").click()
    page.get_by_role("link", name="Deactivate").locator("visible=true").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(shown(page)).to_have_text(["reception"])
    expect(page.get_by_text("alice was deactivated.")).to_be_visible()
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?status=active")


def test_an_import_shows_its_end_by_itself(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/app-users/import/")
    choose(page, CSV)
    expect(page.get_by_text("0 of 3 rows")).to_be_visible()
    accessible(page)
    run_due_jobs()
    expect(page.get_by_role("heading", name="New SIP passwords")).to_be_visible()
    expect(page.get_by_text("A username contains no apostrophe.")).to_be_visible()
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the passwords").click()
    table = download.value.path().read_text(encoding="utf-8-sig")
    assert password_of("alice") in table
    assert password_of("bob") in table
    page.get_by_role("link", name="Not added 1").click()
    expect(page.locator(".app-username")).to_have_text(["o'hara"])
    page.get_by_role("button", name="Delete the report").click()
    expect(page.get_by_text("were deleted")).to_be_visible()


def test_without_scripts(project, owner, page_without_scripts, live_server):
    page = give_session(page_without_scripts, live_server, owner)
    add(page, project, "alice")
    expect(page.get_by_text(password_of("alice"), exact=True)).to_be_visible()
    page.get_by_role("link", name="App users").last.click()
    page.get_by_role("link", name="Edit alice").click()
    page.get_by_label("Display name").fill("Alice Winter")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text("changed the display name of the app user alice")).to_be_visible()
    page.get_by_role("link", name="Reset SIP password").click()
    page.get_by_role("button", name="Reset SIP password").click()
    expect(page.get_by_text(password_of("alice"), exact=True)).to_be_visible()
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Deactivate").click()
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("alice is active again.")).to_be_visible()
    page.goto(f"/projects/{project.pid}/app-users/import/")
    choose(page, CSV)
    run_due_jobs()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("link", name="Already there 1")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the passwords").click()
    assert password_of("bob") in download.value.path().read_text(encoding="utf-8-sig")
