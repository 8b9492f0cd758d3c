"""Every change of what is set for incoming calls, with what stood then: for the history, for going back, and for
explaining a call of the past."""

from datetime import datetime

from django.db.models import QuerySet

from numbers.leases import setting_versions
from numbers.leases.models import Lease
from numbers.routing import route_settings
from numbers.routing.models import RoutingVersion
from numbers.routing.route_settings import ProjectSettings, RouteSettings
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
    return setting_versions.of_lease(RoutingVersion, lease.pk)


def of_project(project_id: int) -> QuerySet[RoutingVersion]:
    """Newest first."""
    return setting_versions.of_project(RoutingVersion, project_id)
