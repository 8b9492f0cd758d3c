from datetime import UTC, datetime
from decimal import Decimal

import pytest

from projects import audit, services
from projects.actor import SYSTEM, Actor
from projects.models import AuditEntry
from tests.support.people import actor, make_user
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db


def entry_of(project):
    return AuditEntry.objects.filter(project=project).latest("id")


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
    audit.record(
        project_id=project.pk,
        by=SYSTEM,
        action="number.purchased",
        subject="+12125550101",
        setup=Decimal("1.50"),
        at=datetime(2026, 11, 3, tzinfo=UTC),
    )
    assert entry_of(project).data == {"setup": "1.50", "at": "2026-11-03T00:00:00Z"}


def test_long_labels_and_subjects_never_break_a_change():
    project = make_project()
    audit.record(project_id=project.pk, by=Actor("user", "x" * 400), action="project.renamed", subject="y" * 400)
    assert (len(entry_of(project).actor_label), len(entry_of(project).subject)) == (254, 200)


@pytest.mark.parametrize(
    ("action", "subject", "words"),
    [
        ("project.renamed", "New {name}", "renamed the project to “New {name}”"),
        ("token.promoted", "…abcd", "made …abcd the primary auth token"),
        ("flying_carpet.taken_off", "+12125550101", "taken off flying carpet +12125550101"),
    ],
)
def test_an_entry_in_words(action, subject, words):
    assert audit.sentence(AuditEntry(action=action, subject=subject)) == words


def test_recent_entries_come_newest_first_and_only_of_the_project(django_assert_num_queries):
    project, other = make_project(), make_project()
    for n in range(10):
        audit.record(project_id=project.pk, by=SYSTEM, action="project.renamed", subject=str(n))
        audit.record(project_id=other.pk, by=SYSTEM, action="token.revealed", subject=str(n))
    with django_assert_num_queries(1):
        assert [entry.subject for entry in audit.recent(project.pk, 3)] == ["9", "8", "7"]
    with django_assert_num_queries(1):
        assert [(entry.project_id, entry.subject) for entry in audit.about(project.pk, "8")] == [(project.pk, "8")]
