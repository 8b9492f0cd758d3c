"""Writes on projects."""

from django.db import transaction

from portal.accounts.models import User
from projects import audit, tokens
from projects.actor import Actor
from projects.models import AuthToken, Membership, Project, Role


@transaction.atomic
def create_project(*, name: str, owner: User, by: Actor) -> Project:
    """A project with its owner and its first auth token."""
    project = Project.objects.create(name=name, created_by=owner)
    Membership.objects.create(project=project, user=owner, role=Role.OWNER)
    tokens.issue(project=project, slot=AuthToken.Slot.PRIMARY, by=by)
    audit.record(project_id=project.pk, by=by, action="project.created", subject=project.name)
    return project
