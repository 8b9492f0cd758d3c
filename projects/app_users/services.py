"""Writes on app users. Each counts for the next call and the next registration: a switch asks every time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from portal.core.errors import DomainError
from portal.core.names import UNREADABLE, is_readable
from portal.core.text import one_line
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.app_users.models import DISPLAY_NAME_LENGTH, AppUser
from projects.app_users.passwords import decrypted, encrypted, new_password
from projects.app_users.usernames import FIELD, clean_username
from projects.locking import lock_project
from projects.models import Project

DOUBLE_CLICK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """Of an app user, in clear: shown in the answer to the one request that made it, and nowhere else."""

    app_user: AppUser
    password: str


def clean_display_name(name: str) -> str:
    """On one line, with single spaces; may be empty. Raises ``display_name_invalid``."""
    name = one_line(name)
    if len(name) > DISPLAY_NAME_LENGTH:
        message = f"A display name has at most {DISPLAY_NAME_LENGTH} characters; this one has {len(name)}."
        raise DomainError("display_name_invalid", message, field="display_name", status=422)
    if not is_readable(name):
        raise DomainError("display_name_invalid", UNREADABLE, field="display_name", status=422)
    return name


@transaction.atomic
def add(
    *,
    project: Project,
    username: str,
    display_name: str = "",
    by: Actor,
    now: datetime,
    creation_key: UUID | None = None,
) -> NewPassword:
    """An active app user with a new password. The same ``creation_key``, within a minute, gives the same one.

    Raises what :func:`~projects.app_users.usernames.clean_username` and :func:`clean_display_name` raise,
    ``app_username_taken`` (field ``username``), ``app_user_limit``, ``project_archived``, ``project_suspended``.
    """
    username, display_name = clean_username(username), clean_display_name(display_name)
    project = _locked(project)
    known = AppUser.objects.filter(project=project, username=username).first()
    if known is not None:
        if creation_key and known.creation_key == creation_key and now - known.password_set_at < DOUBLE_CLICK:
            return NewPassword(known, decrypted(known.sip_password))
        raise _taken(known)
    require_room(project)
    password = new_password()
    app_user = AppUser.objects.create(
        project=project,
        username=username,
        display_name=display_name,
        sip_password=encrypted(password),
        password_set_at=now,
        created_at=now,
        creation_key=creation_key,
    )
    _record(app_user, by, "app_user.added", display_name=display_name)
    return NewPassword(app_user, password)


@transaction.atomic
def edit(*, app_user: AppUser, display_name: str, by: Actor) -> AppUser:
    """The username stays: routes and telephones know it. Saying what is set already changes nothing.

    Raises ``display_name_invalid``, ``project_archived``, ``project_suspended``.
    """
    display_name, row = clean_display_name(display_name), _current(app_user)
    if row.display_name != display_name:
        before, row.display_name = row.display_name, display_name
        row.save(update_fields=["display_name"])
        _record(row, by, "app_user.edited", before=before, after=display_name)
    return row


@transaction.atomic
def deactivate(*, app_user: AppUser, by: Actor, now: datetime) -> AppUser:
    """Neither registers nor rings from the next call on; name and password stay. Raises ``project_archived``,
    ``project_suspended``."""
    row = _current(app_user)
    if row.is_active:
        row.is_active, row.deactivated_at = False, now
        row.save(update_fields=["is_active", "deactivated_at"])
        _record(row, by, "app_user.deactivated")
    return row


@transaction.atomic
def activate(*, app_user: AppUser, by: Actor) -> AppUser:
    """With the password that it had. Raises ``app_user_limit``, ``project_archived``, ``project_suspended``."""
    row = _current(app_user)
    if not row.is_active:
        require_room(row.project)
        row.is_active, row.deactivated_at = True, None
        row.save(update_fields=["is_active", "deactivated_at"])
        _record(row, by, "app_user.activated")
    return row


@transaction.atomic
def reset_password(*, app_user: AppUser, by: Actor, now: datetime) -> NewPassword:
    """The old one is refused when the app registers next. Raises ``project_archived``, ``project_suspended``."""
    row, password = _current(app_user), new_password()
    row.sip_password, row.password_set_at = encrypted(password), now
    row.save(update_fields=["sip_password", "password_set_at"])
    _record(row, by, "app_user.password_reset")
    return NewPassword(row, password)


def require_room(project: Project) -> None:
    """For one more active app user. Call with the project locked. Raises ``app_user_limit``."""
    if AppUser.objects.filter(project=project, is_active=True).count() >= settings.APP_USERS_PER_PROJECT:
        raise DomainError("app_user_limit", limit_words())


def limit_words() -> str:
    return (
        f"A project has at most {settings.APP_USERS_PER_PROJECT:,} active app users. Deactivate those who are no "
        f"longer needed, or write to {settings.SUPPORT_EMAIL} if you need more."
    )


def _locked(project: Project) -> Project:
    """The project as it is now; two people who add the same username come one after the other."""
    row = lock_project(project.pk)
    require_active(row)
    return row


def _current(app_user: AppUser) -> AppUser:
    project = _locked(app_user.project)
    row = AppUser.objects.get(pk=app_user.pk)
    row.project = project
    return row


def _taken(known: AppUser) -> DomainError:
    message = f"There is an app user {known.username} already."
    if not known.is_active:
        message = f"There is an app user {known.username} already, who is deactivated. Activate that one instead."
    return DomainError("app_username_taken", message, field=FIELD)


def _record(app_user: AppUser, by: Actor, action: str, **data: str) -> None:
    audit.record(project_id=app_user.project_id, by=by, action=action, subject=app_user.username, **data)
