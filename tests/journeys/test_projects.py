"""From the first project to a rotated token, in a browser."""

import pytest
from playwright.sync_api import expect

from portal.accounts.models import AuthenticatorDevice
from projects import tokens
from projects.actor import SYSTEM
from projects.models import Project
from tests.dashboard.data import route
from tests.support.people import make_user, totp
from tests.support.projects import make_project
from tests.support.purchases import buy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter_code(page):
    page.wait_for_url("**/accounts/2fa/reauthenticate/**")
    device = AuthenticatorDevice.objects.get()
    page.locator("[name=code]").fill(totp(device))
    page.keyboard.press("Enter")


def test_a_newcomer_creates_a_project_by_keyboard(signed_in_page, accessible):
    page = signed_in_page(make_user())
    page.goto("/projects/")
    accessible(page)
    page.get_by_role("link", name="Create project").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Project name").focus()
    accessible(page)
    page.keyboard.type("Acme Calls")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Acme Calls")).to_be_visible()
    expect(page.get_by_text("Project “Acme Calls” was created.")).to_be_visible()
    expect(page.get_by_text("1 of 4 done")).to_be_visible()
    accessible(page)


def test_the_chart_is_drawn_and_the_dashboard_accessible(signed_in_page, accessible):
    project = make_project(credit="50")
    first, _ = buy(project), buy(project)
    route(first)
    page = signed_in_page(project.created_by)
    page.goto(f"/projects/{project.pid}/")
    expect(page.locator("canvas[data-drawn]")).to_have_count(1)
    assert page.evaluate("""() => {
        const canvas = document.querySelector("canvas");
        return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean);
    }""")
    expect(page.get_by_text("Get started with your first number")).to_have_count(0)
    accessible(page)
    page.get_by_text("Show as a table").click()
    accessible(page)


def test_reveal_and_rotate_with_a_fresh_code(signed_in_page, accessible):
    project = make_project()
    old = tokens.reveal(project=project, slot="primary", by=SYSTEM)
    page = signed_in_page(project.created_by)
    page.goto(f"/projects/{project.pid}/keys/")
    accessible(page)
    assert old not in page.content()
    page.get_by_role("button", name="Reveal the primary auth token").click()
    enter_code(page)
    expect(page.get_by_text(old)).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Hide").click()
    page.wait_for_url("**/keys/")
    assert old not in page.content()

    page.get_by_role("link", name="Rotate").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").evaluate("each => Promise.all(each.getAnimations().map(one => one.finished))")
    accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Rotate").click()
    page.get_by_role("button", name="Add secondary token").click()
    expect(page.get_by_text("The secondary token is ready.")).to_be_visible()
    accessible(page)
    new = tokens.reveal(project=project, slot="secondary", by=SYSTEM)
    page.get_by_role("link", name="Promote secondary").click()
    page.get_by_role("button", name="Promote and revoke the old token").click()
    expect(page.get_by_text("The old token no longer works.")).to_be_visible()
    assert tokens.authenticate(project.pid, old) is None
    assert tokens.authenticate(project.pid, new)


def test_everything_works_without_scripts(page_without_scripts, live_server):
    from tests.journeys.conftest import give_session

    page = give_session(page_without_scripts, live_server, make_user())
    page.goto("/projects/new/")
    page.get_by_label("Project name").fill("Plain")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", level=1, name="Plain")).to_be_visible()
    project = Project.objects.get()
    page.goto(f"/projects/{project.pid}/keys/")
    page.get_by_role("link", name="Rotate").click()
    page.get_by_role("button", name="Add secondary token").click()
    enter_code(page)
    page.wait_for_url("**/keys/")
    assert project.tokens.count() == 2
    page.goto(f"/projects/{project.pid}/settings/")
    page.get_by_label("Type the project’s name").fill("Plain")
    page.get_by_role("button", name="Archive project").click()
    expect(page.get_by_role("button", name="Restore project")).to_be_visible()


def test_on_a_phone_nothing_is_cut_off(signed_in_phone, accessible):
    project = make_project(name="Acme Calls with a rather long name that goes on and on, Inc.", credit="50")
    for _ in range(3):
        buy(project)
    page = signed_in_phone(project.created_by)
    for path in (
        "/projects/",
        "/projects/new/",
        f"/projects/{project.pid}/",
        f"/projects/{project.pid}/keys/",
        f"/projects/{project.pid}/settings/",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        accessible(page)
