"""Every change of what is set for incoming calls, with what stood then: for the history, for going back, and for
explaining a call of the past."""

from datetime import datetime

from django.db.models import QuerySet

from numbers.leases.models import Lease
from numbers.routing import route_settings
from numbers.routing.models import RoutingVersion
from numbers.routing.route_settings import ProjectSettings, RouteSettings
from portal.core.errors import NotFound
from projects.actor import Actor
from projects.audit import LABEL_LENGTH

Settings = RouteSettings | ProjectSettings


def new(
    *,
    project_id: int,
    lease_id: int | None,
    version: int,
    settings: Settings,
    changes: list[str],
    by: Actor,
    now: datetime,
    restores: int | None = None,
) -> RoutingVersion:
    """To be written inside the transaction of the change, with its row locked."""
    return RoutingVersion(
        project_id=project_id,
        lease_id=lease_id,
        version=version,
        settings=route_settings.to_json(settings),
        changes=changes,
        restores=restores,
        at=now,
        made_by=by.label[:LABEL_LENGTH],
    )


def of_lease(lease: Lease) -> QuerySet[RoutingVersion]:
    """Newest first."""
    return RoutingVersion.objects.filter(lease=lease).order_by("-version")


def of_project(project_id: int) -> QuerySet[RoutingVersion]:
    return RoutingVersion.objects.filter(project_id=project_id, lease=None).order_by("-version")


def find(versions: QuerySet[RoutingVersion], version: int) -> RoutingVersion:
    """Raises NotFound."""
    found = versions.filter(version=version).first()
    if found is None:
        raise NotFound("There is no such version.")
    return found


def in_force(versions: QuerySet[RoutingVersion], at: datetime) -> RoutingVersion | None:
    """What was set at that moment; None before the first version."""
    return versions.filter(at__lte=at).first()
