from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from projects import audit, services
from projects.actor import Actor
from projects.models import AuditEntry
from tests.factories import SYSTEM, actor, make_project, make_user

pytestmark = pytest.mark.django_db


def entry_of(project):
    return AuditEntry.objects.filter(project=project).latest("id")


@pytest.mark.parametrize("sql", [
    "UPDATE projects_auditentry SET actor_label = 'somebody else'",
    "UPDATE projects_auditentry SET at = now()",
    "UPDATE projects_auditentry SET action = 'nothing.happened', subject = '', data = '{}'",
    "UPDATE projects_auditentry SET ip = '192.0.2.1'",
    "UPDATE projects_auditentry SET actor_user_id = (SELECT max(id) FROM accounts_user)",
    "DELETE FROM projects_auditentry",
    "TRUNCATE projects_auditentry",
])
@pytest.mark.parametrize("has_author", [True, False])
def test_the_database_refuses_to_change_the_trail(sql, has_author):
    """An entry that names a person is kept by a second trigger, too; the system's is not."""
    user = make_user()
    project = services.create_project(name="Acme", owner=user, by=actor(user) if has_author else SYSTEM)
    make_user()
    before = AuditEntry.objects.values().get()
    refusal = pytest.raises(DatabaseError, match=r"append-only|Cannot (update|delete) rows")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or TRUNCATE would fail over pending foreign keys
        cursor.execute(sql)
    assert AuditEntry.objects.filter(project=project).values().get() == before


def test_an_erased_person_leaves_the_entry_with_its_label():
    project, gone = make_project(), make_user()
    services.rename_project(project=project, name="Renamed", by=actor(gone))
    email = gone.email
    gone.delete()
    entry = entry_of(project)
    assert entry.actor_user is None
    assert entry.actor_label == email


def test_an_entry_and_its_change_stand_or_fall_together(monkeypatch):
    project = make_project(name="Before")

    def broken(**kwargs):
        raise RuntimeError

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        services.rename_project(project=project, name="After", by=SYSTEM)
    project.refresh_from_db()
    assert project.name == "Before"


def test_facts_of_every_kind_are_kept():
    project = make_project()
    audit.record(project_id=project.pk, by=SYSTEM, action="number.purchased", subject="+12125550101",
                 setup=Decimal("1.50"), at=datetime(2026, 11, 3, tzinfo=UTC))
    assert entry_of(project).data == {"setup": "1.50", "at": "2026-11-03T00:00:00Z"}


def test_long_labels_and_subjects_never_break_a_change():
    project = make_project()
    audit.record(project_id=project.pk, by=Actor("user", "x" * 400), action="a.b", subject="y" * 400)
    assert (len(entry_of(project).actor_label), len(entry_of(project).subject)) == (254, 200)


@pytest.mark.parametrize(("action", "subject", "words"), [
    ("project.renamed", "New {name}", "renamed the project to “New {name}”"),
    ("token.promoted", "…abcd", "made …abcd the primary auth token"),
    ("flying_carpet.taken_off", "+12125550101", "taken off flying carpet +12125550101"),
])
def test_an_entry_in_words(action, subject, words):
    assert audit.sentence(AuditEntry(action=action, subject=subject)) == words


def test_recent_entries_come_newest_first_and_only_of_the_project(django_assert_num_queries):
    project, other = make_project(), make_project()
    for n in range(10):
        audit.record(project_id=project.pk, by=SYSTEM, action="a.b", subject=str(n))
        audit.record(project_id=other.pk, by=SYSTEM, action="c.d", subject=str(n))
    with django_assert_num_queries(1):
        assert [entry.subject for entry in audit.recent(project.pk, 3)] == ["9", "8", "7"]
