"""Staff suspend a project on its page; its owner reads why, on every page, without barriers.

The admin page is not put before axe: what axe does with the admin's style sheets is against our policy.
"""

import pytest
from playwright.sync_api import expect

from projects.models import Project
from tests.support.projects import make_project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REASON = "Calls to your numbers were reported as fraud. Write to us so that we can look into it together."


def test_staff_suspend_and_the_owner_reads_why(superuser, signed_in_page, accessible):
    project = make_project(name="Acme Demo")
    page = signed_in_page(superuser)
    page.goto(f"/admin/projects/project/{project.pk}/change/")
    page.get_by_role("link", name="Suspend…").click()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Suspend the project").click()
    expect(page.get_by_text("its owner gets an e-mail")).to_be_visible()
    assert Project.objects.get().is_suspended
    signed_in_page(project.created_by)
    for where in ("", "credits/", "settings/"):
        page.goto(f"/projects/{project.pid}/{where}")
        expect(page.get_by_role("status").filter(has_text=REASON)).to_be_visible()
        accessible(page)
