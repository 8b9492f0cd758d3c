from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from portal.core.errors import DomainError
from projects import services
from projects.models import PID, AuditEntry, Membership, Project, Role, new_pid
from tests.support.crowd import at_once
from tests.support.people import actor, make_user
from tests.support.projects import add_member, make_project
from tests.support.refusals import refusal

pytestmark = pytest.mark.django_db


def trail(project):
    return [
        (entry.action, entry.actor_label, entry.ip)
        for entry in AuditEntry.objects.filter(project=project).order_by("id")
    ]


def test_a_new_project_has_an_owner_a_token_and_an_audit_entry():
    user = make_user()
    project = services.create_project(name="Switchboard", owner=user, by=actor(user))
    assert PID.fullmatch(project.pid)
    assert project.memberships.get().role == Role.OWNER
    token = project.tokens.get()
    assert (token.slot, token.created_by) == ("primary", user)
    assert trail(project) == [("project.created", user.email, "127.0.0.1")]


def test_project_ids_avoid_look_alikes():
    letters = set("".join(new_pid()[4:] for _ in range(300)))
    assert not letters & set("01ilo")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Acme  ", "Acme"),
        ("Acme\t Calls\n", "Acme Calls"),
        ("日本　語", "日本 語"),
        ("x" * 80, "x" * 80),
        ("😀", "😀"),
    ],
)
def test_names_are_trimmed_and_kept(typed, kept):
    user = make_user()
    assert services.create_project(name=typed, owner=user, by=actor(user)).name == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "project_name_missing"),
        ("  \n ", "project_name_missing"),
        ("x" * 81, "project_name_too_long"),
        ("a\x00b", "project_name_unreadable"),
        ("a\u202eb", "project_name_unreadable"),
        ("\ud800", "project_name_unreadable"),
        ("a\x1bb", "project_name_unreadable"),
    ],
)
def test_names_that_are_refused(typed, code):
    user, project = make_user(), make_project()
    for act in (
        lambda: services.create_project(name=typed, owner=user, by=actor(user)),
        lambda: services.rename_project(project=project, name=typed, by=actor(user)),
    ):
        error = refusal(act)
        assert (error.code, error.field) == (code, "name")
    assert Project.objects.count() == 1


def test_the_same_creation_key_creates_once():
    user, key = make_user(), uuid4()
    first = services.create_project(name="One", owner=user, by=actor(user), creation_key=key)
    again = services.create_project(name="One", owner=user, by=actor(user), creation_key=key)
    assert again == first
    assert Project.objects.count() == Membership.objects.count() == AuditEntry.objects.count() == 1


def test_another_persons_creation_key_is_no_way_into_their_project():
    first, second, key = make_user(), make_user(), uuid4()
    theirs = services.create_project(name="One", owner=first, by=actor(first), creation_key=key)
    mine = services.create_project(name="One", owner=second, by=actor(second), creation_key=key)
    again = services.create_project(name="One", owner=second, by=actor(second), creation_key=key)
    assert (mine != theirs, again) == (True, mine)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_simultaneous_submits_create_once():
    user, key = make_user(), uuid4()
    made = at_once([lambda: services.create_project(name="One", owner=user, by=actor(user), creation_key=key).pk] * 6)
    assert set(made) == {Project.objects.get().pk}


def test_renaming_is_recorded_with_the_old_name():
    project, user = make_project(name="Old"), make_user()
    services.rename_project(project=project, name="New", by=actor(user))
    project.refresh_from_db()
    entry = project.audit_entries.latest("id")
    assert (project.name, entry.action, entry.subject, entry.data) == ("New", "project.renamed", "New", {"old": "Old"})


def test_renaming_to_the_same_name_records_nothing():
    project, user = make_project(name="Same"), make_user()
    services.rename_project(project=project, name=" Same ", by=actor(user))
    assert project.audit_entries.count() == 1


def test_archiving_needs_the_name_typed():
    project, user = make_project(name="Acme"), make_user()
    for typed in ("", "acme", "Acme2", "\x00"):
        error = refusal(services.archive_project, project=project, typed_name=typed, by=actor(user))
        assert (error.code, error.field) == ("confirmation_differs", "typed_name")
    project.refresh_from_db()
    assert project.is_active


def test_archiving_and_restoring():
    project, user = make_project(name="Acme"), make_user()
    services.archive_project(project=project, typed_name=" Acme ", by=actor(user))
    project.refresh_from_db()
    assert not project.is_active
    with pytest.raises(DomainError, match="already archived"):
        services.archive_project(project=project, typed_name="Acme", by=actor(user))
    services.restore_project(project=project, by=actor(user))
    project.refresh_from_db()
    assert project.is_active
    with pytest.raises(DomainError, match="already active"):
        services.restore_project(project=project, by=actor(user))
    assert [action for action, _, _ in trail(project)] == ["project.created", "project.archived", "project.restored"]


def test_the_database_keeps_one_owner_and_one_membership_per_person():
    project = make_project()
    with pytest.raises(IntegrityError, match="one_owner_per_project"), transaction.atomic():
        add_member(project, Role.OWNER)
    person = add_member(project, Role.ADMIN)
    with pytest.raises(IntegrityError, match="one_membership_per_person"), transaction.atomic():
        add_member(project, Role.BILLING, person)
    with pytest.raises(IntegrityError, match="membership_role_known"), transaction.atomic():
        add_member(project, "king")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"name": ""}, "project_name_not_empty"),
        ({"status": "lost"}, "project_status_known"),
    ],
)
def test_the_database_refuses_a_broken_project(change, constraint):
    project = make_project()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(**change)
