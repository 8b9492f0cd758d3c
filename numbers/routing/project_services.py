"""Setting what holds for the calls of all numbers of a project. Each act makes a version and an audit entry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from numbers.leases import setting_versions
from numbers.routing import block_list, differences, route_settings, validation, versions
from numbers.routing.models import ProjectCallSettings, RoutingVersion
from numbers.routing.route_settings import ProjectSettings, SipServer
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project

Change = Callable[[ProjectSettings], ProjectSettings]


@transaction.atomic
def change_settings(
    *, project: Project, change: Change, by: Actor, now: datetime, restores: int | None = None
) -> ProjectSettings:
    """The one door. ``change`` gets what is set and gives what is to be set; the same again changes nothing.

    Raises ``project_archived``, ``project_suspended`` and what :func:`numbers.routing.validation.check_project` raises.
    """
    require_active(lock_project(project.pk))
    row = ProjectCallSettings.objects.filter(pk=project.pk).first()
    before = route_settings.of_project(row)
    after = change(before)
    if after == before:
        return before
    validation.check_project(before, after)
    version = row.version + 1 if row else 1
    ProjectCallSettings.objects.update_or_create(
        project=project, defaults={"version": version, "updated_at": now, **route_settings.columns_of_project(after)}
    )
    changes = differences.of_projects(before, after)
    audit.record(
        project_id=project.pk,
        by=by,
        action="call_settings.changed",
        subject=project.name,
        changes=" ".join(changes),
    )
    versions.new(
        project_id=project.pk,
        lease_id=None,
        version=version,
        settings=after,
        changes=changes,
        by=by,
        now=now,
        restores=restores,
    ).save(force_insert=True)
    return after


def set_trunk(*, project: Project, server: SipServer | None, by: Actor, now: datetime) -> None:
    """Calls to every number without a setting of its own go to ``server``; None: nowhere."""
    change_settings(project=project, change=lambda set_: replace(set_, trunk=server), by=by, now=now)


def block_caller(*, project: Project, entry: str, by: Actor, now: datetime) -> None:
    """``entry`` as of :func:`numbers.routing.block_list.parse_entry`."""
    change_settings(
        project=project,
        change=lambda set_: replace(set_, blocked=block_list.with_entry(set_.blocked, entry)),
        by=by,
        now=now,
    )


def unblock_caller(*, project: Project, entry: str, by: Actor, now: datetime) -> None:
    change_settings(
        project=project,
        change=lambda set_: replace(set_, blocked=block_list.without_entry(set_.blocked, entry)),
        by=by,
        now=now,
    )


def restore(*, project: Project, version: int, by: Actor, now: datetime) -> RoutingVersion:
    """Goes back to what a version said, checked as if it were set now. Raises NotFound, and as change_settings."""
    found = setting_versions.find(versions.of_project(project.pk), version)
    back = route_settings.project_from_json(found.settings)
    change_settings(project=project, change=lambda _: back, by=by, now=now, restores=version)
    return found
