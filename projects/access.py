"""The one door from an address or a key to a tenant's object.

A stranger learns nothing (404, as if it did not exist); a member without the right gets 403.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.accounts.models import User
from portal.core.errors import Forbidden, NotFound, ProjectArchived, ProjectSuspended
from portal.core.pages import annotate
from projects.models import PID, Membership, Project, Role
from projects.request import PortalRequest

Arguments = ParamSpec("Arguments")
Response = TypeVar("Response", bound=HttpResponseBase)
# What project_view takes, and what stands in urls.py.
ProjectView = Callable[Concatenate[PortalRequest, Project, Arguments], Response]
View = Callable[Concatenate[HttpRequest, str, Arguments], Response]


class Right(StrEnum):
    VIEW = "view"  # see the project, its numbers, usage and spend
    MANAGE_NUMBERS = "manage_numbers"  # buy, order, release, route, name; app users
    MANAGE_CREDITS = "manage_credits"  # add credits, see receipts
    MANAGE_KEYS = "manage_keys"  # reveal and rotate auth tokens
    MANAGE_PROJECT = "manage_project"  # rename
    OWN_PROJECT = "own_project"  # archive and restore


_ALL = frozenset(Right)
RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: _ALL,
    Role.ADMIN: _ALL - {Right.OWN_PROJECT},
    Role.DEVELOPER: frozenset({Right.VIEW, Right.MANAGE_NUMBERS, Right.MANAGE_KEYS}),
    Role.BILLING: frozenset({Right.VIEW, Right.MANAGE_CREDITS}),
    Role.READ_ONLY: frozenset({Right.VIEW}),
}


def project_for(user: User | AnonymousUser, pid: str, need: Right = Right.VIEW) -> Project:
    """The project with ``my_role`` and ``my_rights`` set on it.

    Raises NotFound for a stranger and for what is not a Project ID, Forbidden for a member without ``need``.
    """
    membership = None
    if user.is_authenticated and PID.fullmatch(pid):
        membership = Membership.objects.select_related("project").filter(user_id=user.pk, project__pid=pid).first()
    if membership is None:
        raise NotFound("There is no such project.")
    rights = RIGHTS[membership.role]
    if need not in rights:
        raise Forbidden
    project = membership.project
    project.my_role, project.my_rights = membership.role, rights
    return project


def require_active(project: Project) -> None:
    """For whatever buys, orders, uploads or sets something. Call with the project as it is now.

    Raises ``project_suspended`` and ``project_archived``.
    """
    if project.is_suspended:
        raise ProjectSuspended(project.suspension_reason)
    if not project.is_active:
        raise ProjectArchived


READS = frozenset({"GET", "HEAD", "OPTIONS"})


def project_view(
    need: Right = Right.VIEW, *, write: Right | None = None
) -> Callable[[ProjectView[Arguments, Response]], View[Arguments, Response]]:
    """For ``view(request, project, …)`` whose address carries ``pid``; sets ``request.project``.

    ``write``: the right that other methods than GET and HEAD need, where reading needs less.
    """

    def decorate(view: ProjectView[Arguments, Response]) -> View[Arguments, Response]:
        @wraps(view)
        def wrapped(request: HttpRequest, pid: str, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
            project = project_for(request.user, pid, need if request.method in READS else write or need)
            ours = cast(PortalRequest, request)
            ours.project = project
            return view(ours, project, *args, **kwargs)

        # Read by tests/access, which walks every address.
        return annotate(wrapped, rights=(need, write or need))

    return decorate
