import pytest

from projects import audit, events
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.support.projects import make_project


@pytest.mark.django_db
def test_what_no_room_has_declared_is_not_recorded():
    project = make_project()
    before = AuditEntry.objects.count()
    with pytest.raises(events.UndeclaredEvent):
        audit.record(project_id=project.pk, by=SYSTEM, action="project.forgotten")
    with pytest.raises(events.UndeclaredEvent):
        audit.record_all(by=SYSTEM, action="project.forgotten", subjects=[(project.pk, "", {})])
    assert AuditEntry.objects.count() == before


def test_an_action_belongs_to_one_room():
    with pytest.raises(ValueError, match="twice"):
        events.declare(events.Event("project.renamed", "folder", "named the project anew"))


def test_staff_read_an_action_in_their_own_words_or_spelled_out():
    accepted = AuditEntry(action="document.accepted", subject="Passport")
    assert audit.staff_sentence(accepted, {"line": "Proof of address"}) == "accepted “Passport” for Proof of address"
    renamed = AuditEntry(action="number.renamed", subject="+12125550101")
    assert audit.staff_sentence(renamed) == "renamed number +12125550101"
