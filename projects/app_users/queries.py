"""Reads on app users."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from portal.core.errors import NotFound
from projects import audit
from projects.app_users import events
from projects.app_users.models import AppUser
from projects.app_users.usernames import fold
from projects.models import AuditEntry, Project

PAGE_SIZE, SUGGESTED, HISTORY_SHOWN = 25, 10, 12
ACTIVE, DEACTIVATED = "active", "deactivated"


@dataclass(frozen=True, slots=True)
class AppUserPage:
    app_users: list[AppUser]
    next_after: str  # username with which to ask for the following page; "" when there is none


@dataclass(frozen=True, slots=True)
class AppUserCount:
    active: int
    deactivated: int


def find(project: Project, pk: int) -> AppUser:
    """Raises NotFound."""
    app_user = AppUser.objects.filter(project=project, pk=pk).first()
    if app_user is None:
        raise NotFound("This project has no such app user.")
    app_user.project = project
    return app_user


def page(project: Project, *, q: str = "", status: str = "", after: str = "") -> AppUserPage:
    """By username, those after ``after``. ``q`` is part of a username or display name; ``status`` is ``active`` or
    ``deactivated``, "" for both."""
    found = AppUser.objects.filter(project=project).order_by("username")
    if status:
        found = found.filter(is_active=status == ACTIVE)
    if q:
        found = found.filter(Q(username__contains=fold(q)) | Q(display_name__icontains=q))
    if after:
        found = found.filter(username__gt=after)
    rows = list(found[: PAGE_SIZE + 1])
    return AppUserPage(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].username if len(rows) > PAGE_SIZE else "")


def count(project: Project) -> AppUserCount:
    found = AppUser.objects.filter(project=project).aggregate(
        active=Count("pk", filter=Q(is_active=True)), deactivated=Count("pk", filter=Q(is_active=False))
    )
    return AppUserCount(**found)


def suggestions(project: Project, beginning: str) -> list[AppUser]:
    """Active app users whose username or display name begins so, in any case; first those by username.

    ``SUGGESTED`` at most; two queries at most, both by an index. An empty beginning is that of all.
    """
    active = AppUser.objects.filter(project=project, is_active=True)
    by_username = list(active.filter(username__startswith=fold(beginning)).order_by("username")[:SUGGESTED])
    missing = SUGGESTED - len(by_username)
    if not beginning or not missing:
        return by_username
    by_name = active.filter(display_name__istartswith=beginning).exclude(pk__in=[each.pk for each in by_username])
    return [*by_username, *by_name.order_by("display_name", "username")[:missing]]


def history(app_user: AppUser) -> QuerySet[AuditEntry]:
    """What was done to it, newest first. Its name may be that of a number, which has a history of its own."""
    return audit.about(app_user.project_id, app_user.username, HISTORY_SHOWN, actions=events.ACTIONS)
