"""Staff stop a project: what is refused, what goes on, what the customer learns."""

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from projects import services, suspension
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project
from tests.projects.suspending import REASON, suspend
from tests.support.leases import NOW
from tests.support.pages import html
from tests.support.people import actor, make_staff, make_user
from tests.support.people import sign_in as signed_in
from tests.support.projects import make_project
from tests.support.refusals import refusal

pytestmark = pytest.mark.django_db


# -- by staff -------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client):
    return signed_in(client, make_user(is_staff=True, is_superuser=True, full_name="Sam Staff"))


def page(project):
    return f"/admin/projects/project/{project.pk}/suspension/"


def test_staff_suspend_with_a_reason_and_lift_it_audited_and_mailed(desk, lease):
    project = lease.project
    assert page(project) in html(desk.get(f"/admin/projects/project/{project.pk}/change/"))
    assert "Suspend the project" in html(desk.get(page(project)))
    answer = desk.post(page(project), {"action": "suspend", "reason": f"  {REASON}\n"})
    assert answer.status_code == 302
    project.refresh_from_db()
    assert (project.status, project.suspension_reason, project.suspended_from) == ("suspended", REASON, "active")
    entry = AuditEntry.objects.get(action="project.suspended")
    assert (entry.actor_kind, entry.actor_label, entry.data["reason"]) == ("staff", "Support team", REASON)
    assert entry.actor_user.full_name == "Sam Staff"
    letter = mail.outbox[-1]
    assert letter.to == [project.created_by.email]
    assert REASON in letter.body
    assert REASON in letter.alternatives[0][0]
    assert REASON in html(desk.get(f"/admin/projects/project/{project.pk}/change/"))
    assert desk.post(page(project), {"action": "lift"}).status_code == 302
    project.refresh_from_db()
    assert (project.status, project.suspension_reason, project.suspended_at) == ("active", "", None)
    entry = AuditEntry.objects.get(action="project.suspension_lifted")
    assert (entry.actor_kind, entry.actor_user.full_name, entry.data) == ("staff", "Sam Staff", {"reason": REASON})
    assert "no longer suspended" in mail.outbox[-1].subject
    history = html(desk.get(f"/admin/projects/project/{project.pk}/history/"))
    assert REASON in history
    assert "Suspension lifted" in history


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x1bb", "a\u202eb"])
def test_a_reason_that_cannot_be_read_is_refused(desk, lease, reason):
    answer = desk.post(page(lease.project), {"action": "suspend", "reason": reason})
    assert answer.status_code == 422
    assert 'class="errorlist"' in html(answer, 422)
    assert Project.objects.get().is_active


@pytest.mark.parametrize(
    ("reason", "code"),
    [(" \n ", "text_missing"), ("x" * 501, "text_too_long"), ("a\x1bb", "text_unreadable"), ("x" * 500, None)],
)
def test_the_rule_holds_without_the_form(lease, reason, code):
    def act():
        return suspension.suspend(project=lease.project, reason=reason, by=SYSTEM, now=timezone.now())

    if code is None:
        assert act().suspension_reason == reason
    else:
        error = refusal(act)
        assert (error.code, error.field) == (code, "reason")
        assert Project.objects.get().is_active


def test_a_click_that_comes_late_does_not_do_the_opposite(desk, lease):
    suspend(lease.project)
    answer = desk.post(page(lease.project), {"action": "suspend", "reason": "Other"})
    assert (answer.status_code, "already suspended" in html(answer, 409)) == (409, True)
    assert desk.post(page(lease.project), {"action": "lift"}).status_code == 302
    answer = desk.post(page(lease.project), {"action": "lift"})
    assert (answer.status_code, "is not suspended" in html(answer, 409)) == (409, True)
    assert Project.objects.get().is_active


@pytest.mark.parametrize(("team", "status"), [("Billing", 200), ("Provisioning", 403), (None, 403)])
def test_who_may(client, lease, team, status):
    signed_in(client, make_staff(team or ""))
    assert client.get(page(lease.project)).status_code == status
    if team:
        assert (page(lease.project) in html(client.get(f"/admin/projects/project/{lease.project.pk}/change/"))) is (
            status == 200
        )


# -- transitions ----------------------------------------------------------------------------------------------------


def test_an_archived_project_is_archived_again_afterwards_and_its_owner_cannot_get_around():
    project = make_project(name="Acme")
    by = actor(project.created_by)
    services.archive_project(project=project, typed_name="Acme", by=by)
    suspend(project)
    for act in (
        lambda: services.restore_project(project=project, by=by),
        lambda: services.archive_project(project=project, typed_name="Acme", by=by),
        lambda: services.rename_project(project=project, name="Other", by=by),
    ):
        error = refusal(act)
        assert (error.code, error.status) == ("project_suspended", 403)
        assert REASON in error.message
    assert suspension.lift(project=project, by=SYSTEM).status == "archived"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "suspended"},
        {"status": "suspended", "suspended_at": NOW, "suspended_from": "active"},
        {"suspension_reason": "x"},
        {"suspended_at": NOW},
        {"status": "stopped"},
    ],
)
def test_the_database_keeps_status_and_reason_together(change):
    project = make_project()
    with pytest.raises(IntegrityError, match=r"project_suspension_complete|project_status_known"):
        Project.objects.filter(pk=project.pk).update(**change)
