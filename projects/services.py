"""Writes on projects."""

from uuid import UUID

from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.core.errors import DomainError, ProjectArchived, ProjectSuspended
from portal.core.names import UNREADABLE, is_readable
from portal.core.text import one_line
from projects import audit, tokens
from projects.access import require_active
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import AuthToken, Membership, Project, Role

NAME_LENGTH = 80


def clean_name(name: str) -> str:
    """On one line, with single spaces.

    Raises ``project_name_missing``, ``project_name_too_long``, ``project_name_unreadable`` (field ``name``).
    """
    name = name.strip().replace("\t", " ")
    if not is_readable(name):
        raise DomainError("project_name_unreadable", UNREADABLE, field="name", status=400)
    name = one_line(name)
    if not name:
        raise DomainError("project_name_missing", "Enter a name for the project.", field="name", status=400)
    if len(name) > NAME_LENGTH:
        message = f"A project name has at most {NAME_LENGTH} characters; this one has {len(name)}."
        raise DomainError("project_name_too_long", message, field="name", status=400)
    return name


def create_project(*, name: str, owner: User, by: Actor, creation_key: UUID | None = None) -> Project:
    """A project with its owner and its first auth token. The same ``creation_key`` gives the same project."""
    try:
        return _create(name=clean_name(name), owner=owner, by=by, creation_key=creation_key)
    except IntegrityError:
        made = Project.objects.filter(created_by=owner, creation_key=creation_key or UUID(int=0)).first()
        if made is None:
            raise
        return made


@transaction.atomic
def _create(*, name: str, owner: User, by: Actor, creation_key: UUID | None) -> Project:
    project = Project.objects.create(name=name, created_by=owner, creation_key=creation_key)
    Membership.objects.create(project=project, user=owner, role=Role.OWNER)
    tokens.issue(project=project, slot=AuthToken.Slot.PRIMARY, by=by)
    audit.record(project_id=project.pk, by=by, action="project.created", subject=project.name)
    return project


@transaction.atomic
def rename_project(*, project: Project, name: str, by: Actor) -> Project:
    """Saying the name that it has already changes nothing and is not recorded. Raises
    ``project_archived``, ``project_suspended``."""
    name, row = clean_name(name), lock_project(project.pk)
    require_active(row)
    if row.name != name:
        old, row.name = row.name, name
        row.save(update_fields=["name"])
        audit.record(project_id=row.pk, by=by, action="project.renamed", subject=name, old=old)
    return row


@transaction.atomic
def archive_project(*, project: Project, typed_name: str, by: Actor) -> Project:
    """Stops purchases and top-ups; nothing is lost and what the project holds keeps running.

    Raises ``confirmation_differs`` (field ``typed_name``) unless the project's name was typed,
    ``project_archived`` when it is archived already, ``project_suspended``.
    """
    row = lock_project(project.pk)
    if typed_name.strip() != row.name:
        raise DomainError(
            "confirmation_differs", f"Type the project’s name, {row.name}, to confirm.", field="typed_name", status=400
        )
    if row.status == Project.Status.ARCHIVED:
        raise ProjectArchived("This project is already archived.")
    require_active(row)
    return _set_status(row, Project.Status.ARCHIVED, action="project.archived", by=by)


@transaction.atomic
def restore_project(*, project: Project, by: Actor) -> Project:
    """Raises ``project_active`` when there is nothing to restore, ``project_suspended``: staff did that."""
    row = lock_project(project.pk)
    if row.is_suspended:
        raise ProjectSuspended(row.suspension_reason)
    if row.is_active:
        raise DomainError("project_active", "This project is already active.")
    return _set_status(row, Project.Status.ACTIVE, action="project.restored", by=by)


def _set_status(row: Project, status: str, *, action: str, by: Actor) -> Project:
    row.status = status
    row.save(update_fields=["status"])
    audit.record(project_id=row.pk, by=by, action=action, subject=row.name)
    return row
