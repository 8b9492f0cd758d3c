"""Two changes of a project at the same moment: the second finds it as the first left it."""

import pytest
from django.db import transaction
from django.utils import timezone

from portal.core.errors import DomainError
from projects import services, suspension
from projects.actor import SYSTEM
from projects.models import Project
from tests.support.crowd import Beside, wait_until_it_waits
from tests.support.projects import make_project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ACTIONS = {
    "rename": lambda project: services.rename_project(project=project, name="Renamed", by=SYSTEM),
    "archive": lambda project: services.archive_project(project=project, typed_name="Acme", by=SYSTEM),
    "restore": lambda project: services.restore_project(project=project, by=SYSTEM),
    "suspend": lambda project: suspension.suspend(project=project, reason="Fraud.", by=SYSTEM, now=timezone.now()),
    "lift": lambda project: suspension.lift(project=project, by=SYSTEM),
}
# What was done before, what is done but not committed, what begins meanwhile; what comes of it, and what is left.
MEETINGS = [
    ((), "rename", "rename", "done", "active"),
    ((), "rename", "archive", "confirmation_differs", "active"),
    ((), "archive", "rename", "project_archived", "archived"),
    ((), "archive", "archive", "project_archived", "archived"),
    ((), "suspend", "archive", "project_suspended", "suspended from active"),
    (("archive",), "restore", "restore", "project_active", "active"),
    (("archive",), "suspend", "restore", "project_suspended", "suspended from archived"),
    ((), "archive", "suspend", "done", "suspended from archived"),
    ((), "suspend", "suspend", "project_status_changed", "suspended from active"),
    (("suspend",), "lift", "lift", "project_status_changed", "active"),
]


def do(action, project):
    """As a request does it: with the project that its page had read."""
    try:
        ACTIONS[action](Project.objects.get(pk=project.pk))
    except DomainError as refusal:
        return refusal.code
    return "done"


def standing(project):
    project.refresh_from_db()
    return f"{project.status} from {project.suspended_from}" if project.is_suspended else project.status


def test_the_second_finds_what_the_first_did():
    for before, first, second, outcome, left in MEETINGS:
        project = make_project(name="Acme")
        for action in before:
            assert do(action, project) == "done"
        with transaction.atomic():
            assert do(first, project) == "done"
            late = Beside(lambda: do(second, project))  # noqa: B023  it ends within the round
            wait_until_it_waits(late)
        assert (late.result(), standing(project)) == (outcome, left), (first, second)
        # Beside the beginning; a name that it has already is not recorded again.
        assert project.audit_entries.count() == 2 + len(before) + (outcome == "done" and first != second)
