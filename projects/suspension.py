"""Staff stop a project, with a reason that its members read on every page of it.

While it lasts, auth tokens are refused, nothing is bought, ordered, uploaded or set, and calls to its numbers are
barred. Members still read everything, add credits, release numbers and change keys; months are charged as before.
"""

from datetime import datetime

from django.db import transaction

from portal.core.errors import DomainError
from portal.core.text import one_line
from projects import audit, mail
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project

REASON_LENGTH = 500


def clean_reason(reason: str) -> str:
    """On one line, with single spaces. Raises ``text_missing``, ``text_too_long``, ``text_unreadable``."""
    reason = one_line(reason)
    if not reason:
        raise DomainError("text_missing", "Enter the reason; the customer sees it.", field="reason", status=422)
    if len(reason) > REASON_LENGTH:
        message = f"A reason has at most {REASON_LENGTH} characters; this one has {len(reason)}."
        raise DomainError("text_too_long", message, field="reason", status=422)
    if not reason.isprintable():
        message = "The reason contains characters that cannot be shown."
        raise DomainError("text_unreadable", message, field="reason", status=422)
    return reason


@transaction.atomic
def suspend(*, project: Project, reason: str, by: Actor, now: datetime) -> Project:
    """Counts from the next request on. Raises what :func:`clean_reason` raises, ``project_status_changed``."""
    reason, row = clean_reason(reason), lock_project(project.pk)
    if row.is_suspended:
        raise DomainError("project_status_changed", "This project is already suspended.")
    row.suspended_from, row.status = row.status, Project.Status.SUSPENDED
    row.suspended_at, row.suspension_reason = now, reason
    _save(row)
    audit.record(project_id=row.pk, by=by, action="project.suspended", subject=row.name, reason=reason)
    mail.send("project_suspended", project=row, user_id=None, path=f"/projects/{row.pid}/", reason=reason)
    return row


@transaction.atomic
def lift(*, project: Project, by: Actor) -> Project:
    """The project is again what it was before, active or archived. Raises ``project_status_changed``."""
    row = lock_project(project.pk)
    if not row.is_suspended:
        raise DomainError("project_status_changed", "This project is not suspended.")
    reason = row.suspension_reason
    row.status, row.suspended_from, row.suspended_at, row.suspension_reason = row.suspended_from, "", None, ""
    _save(row)
    audit.record(project_id=row.pk, by=by, action="project.suspension_lifted", subject=row.name, reason=reason)
    mail.send("project_suspension_lifted", project=row, user_id=None, path=f"/projects/{row.pid}/")
    return row


def _save(row: Project) -> None:
    row.save(update_fields=["status", "suspended_from", "suspended_at", "suspension_reason"])
