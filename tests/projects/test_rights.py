"""Who may do what: the table of the roles, written out, so that no right slips in or out unseen."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing.payments.checkout import new_form_token, start_top_up
from portal.core.errors import Forbidden
from projects import mail, suspension
from projects.access import RIGHTS, project_for
from projects.actor import SYSTEM
from projects.models import Project, Role
from tests.support.people import actor, make_user
from tests.support.projects import add_member, make_project
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, tzinfo=UTC)
TABLE = {
    #              view, manage_numbers, manage_credits, manage_keys, manage_project, own_project
    "owner":       "yes  yes             yes             yes          yes             yes",
    "admin":       "yes  yes             yes             yes          yes             no",
    "developer":   "yes  yes             no              yes          no              no",
    "billing":     "yes  no              yes             no           no              no",
    "read_only":   "yes  no              no              no           no              no",
}  # fmt: skip
NAMES = ["view", "manage_numbers", "manage_credits", "manage_keys", "manage_project", "own_project"]


def test_the_table_names_every_role_and_right():
    assert set(TABLE) == set(Role.values) == set(RIGHTS)
    assert {right.value for rights in RIGHTS.values() for right in rights} == set(NAMES)


@pytest.mark.parametrize("role", TABLE)
def test_each_role_has_its_rights_and_no_other(role):
    project = make_project()
    user = project.created_by if role == "owner" else add_member(project, role)
    for name, word in zip(NAMES, TABLE[role].split(), strict=True):
        if word == "yes":
            assert project_for(user, project.pid, name).pk == project.pk
        else:
            with pytest.raises(Forbidden):
                project_for(user, project.pid, name)


@pytest.mark.parametrize(
    ("status", "suspended", "taken"),
    [
        ("active", False, True),
        ("archived", False, False),
        ("active", True, True),
        ("archived", True, False),
    ],
)
def test_credits_are_taken_for_what_still_runs(status, suspended, taken, gateway):
    """A suspended project may pay what it owes; an archived one takes nothing, suspended or not."""
    project = make_project()
    Project.objects.update(status=status)
    project.refresh_from_db()
    if suspended:
        project = suspension.suspend(project=project, reason="Fraud", by=SYSTEM, now=NOW)
    owner = project.created_by
    wanted = {
        "project": project,
        "amount": Decimal(50),
        "form_token": new_form_token(),
        "by": actor(owner),
        "email": owner.email,
        "return_to": "",
        "now": NOW,
    }
    assert project.takes_credits is taken
    if taken:
        assert start_top_up(**wanted).status == "open"
    else:
        refused("project_archived", start_top_up, **wanted)


@pytest.mark.parametrize(("is_active", "reader"), [(True, "who did it"), (False, "the owner")])
def test_what_somebody_did_whose_account_is_closed_is_told_to_the_owner(is_active, reader, mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    project, user = make_project(), make_user(is_active=is_active)
    add_member(project, "developer", user)
    mail.send("project_suspended", project=project, user_id=user.pk, path="/", reason="x")
    assert mailoutbox[0].to == [user.email if reader == "who did it" else project.created_by.email]
