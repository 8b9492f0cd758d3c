"""Reading what is set for incoming calls."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from numbers.leases.models import Lease
from numbers.routing.limits import Limits
from numbers.routing.models import CallRoute, ProjectCallSettings
from numbers.routing.route_settings import ProjectSettings, of_project
from projects.app_users.models import AppUser


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
