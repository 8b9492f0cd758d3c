"""Reading what is set for incoming calls."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from numbers.leases import queries as leases
from numbers.leases.models import Lease
from numbers.routing.limits import Limits
from numbers.routing.models import CallRoute, ProjectCallSettings
from numbers.routing.route_settings import ProjectSettings, of_project, of_route
from projects.app_users.models import AppUser
from projects.models import Project

# ``id = ANY(app_user_ids)``, which goes by the index of the ids.
_IS_LISTED = Func(
    F("pk"),
    OuterRef("call_route__app_user_ids"),
    template="%(expressions)s)",
    arg_joiner=" = ANY(",
    output_field=BooleanField(),
)


@dataclass(frozen=True, slots=True)
class ListedUser:
    """An app user of a route."""

    pk: int
    username: str
    display_name: str
    is_active: bool


def find(project: Project, pk: int, **also: Combinable) -> Lease:
    """As :func:`numbers.leases.queries.find`, with ``route_users``: those of its route, in their order."""
    row = JSONObject(pk="pk", username="username", display_name="display_name", is_active="is_active")
    listed = AppUser.objects.filter(_IS_LISTED, project=project).values(row=row)
    lease = leases.find(project, pk, route_users=ArraySubquery(listed), **also)
    users = {each["pk"]: ListedUser(**each) for each in lease.route_users}
    set_ = of_route(getattr(lease, "call_route", None))
    lease.route_users = [users[user] for user in set_.users if user in users]
    return lease


def route_for(e164: str) -> CallRoute | None:
    """The route of a leased number; None when it is not leased or nothing is set."""
    return (
        CallRoute.objects.filter(lease__number__e164=e164, lease__status__in=Lease.LIVE)
        .exclude(kind=CallRoute.Kind.NONE)
        .first()
    )


def project_settings(project_id: int) -> ProjectSettings:
    return of_project(ProjectCallSettings.objects.filter(pk=project_id).first())


def limits_of(project_id: int) -> Limits:
    return Limits.of(project_settings(project_id))


def app_users(project_id: int, ids: Iterable[int]) -> list[AppUser]:
    """In the order of ``ids``; unknown ones are left out."""
    wanted = list(ids)
    found = AppUser.objects.filter(project_id=project_id, pk__in=wanted).in_bulk() if wanted else {}
    return [found[pk] for pk in wanted if pk in found]


def inheriting(project_id: int) -> int:
    """How many numbers that take calls have no setting of their own, so that the project's trunk takes them."""
    own = CallRoute.objects.filter(lease=OuterRef("pk")).exclude(kind=CallRoute.Kind.NONE)
    live = Lease.objects.filter(project_id=project_id, status__in=Lease.LIVE, number__voice=True)
    return live.filter(~Exists(own)).count()
