"""Setting where messages to a number go. Each act makes a version and an entry in the audit trail."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from numbers.leases import setting_versions
from numbers.leases.locking import lock_for_settings
from numbers.leases.models import Lease
from numbers.messaging import message_settings, rerouting
from numbers.messaging.models import MessageSettingsVersion, NumberMessageSettings, ProjectMessageSettings
from portal.core.errors import DomainError
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.audit import LABEL_LENGTH
from projects.locking import lock_project
from projects.models import Project
from projects.webhooks import targets
from projects.webhooks.targets import TargetSettings, settings_of

Change = Callable[[TargetSettings], TargetSettings]
Row = NumberMessageSettings | ProjectMessageSettings
_ENDPOINTS = ("target__endpoint", "target__fallback")


@transaction.atomic
def change_number(
    *, lease: Lease, change: Change, by: Actor, now: datetime, restores: int | None = None
) -> TargetSettings:
    """The one door. ``change`` gets what is set and gives what is to be set; the same again changes nothing. Without a
    URL the project's default holds. What waits for delivery follows.

    Raises ``lease_ended``, ``project_archived``, ``project_suspended``, ``number_without_sms`` and what
    :func:`projects.webhooks.targets.check` raises.
    """
    lease = lock_for_settings(lease)
    require_sms(lease)
    row = NumberMessageSettings.objects.select_related(*_ENDPOINTS).filter(lease=lease).first()
    row = row or NumberMessageSettings(lease=lease, version=0)
    return _change(row, lease.project_id, change, lease=lease, by=by, now=now, restores=restores)


@transaction.atomic
def change_project(
    *, project: Project, change: Change, by: Actor, now: datetime, restores: int | None = None
) -> TargetSettings:
    """The project's default, for every number without a URL of its own. Raises as :func:`change_number` does."""
    require_active(lock_project(project.pk))
    row = ProjectMessageSettings.objects.select_related(*_ENDPOINTS).filter(project=project).first()
    row = row or ProjectMessageSettings(project=project, version=0)
    return _change(row, project.pk, change, lease=None, by=by, now=now, restores=restores)


def _change(
    row: Row, project_id: int, change: Change, *, lease: Lease | None, by: Actor, now: datetime, restores: int | None
) -> TargetSettings:
    before = settings_of(row.target)
    after = change(before)
    if not after.url:
        after = TargetSettings()
    if after == before:
        return after
    if after.url:
        targets.check(after)
    old = row.target
    row.target = targets.write(old, project_id, after, now=now) if after.url else None
    row.version, row.updated_at = row.version + 1, now
    row.save()
    _note(row, project_id, lease, before, after, by, now, restores)
    if old and row.target is None:
        rerouting.reroute(old=old, project_id=project_id, lease=lease, now=now)
    return after


def _note(
    row: Row,
    project_id: int,
    lease: Lease | None,
    before: TargetSettings,
    after: TargetSettings,
    by: Actor,
    now: datetime,
    restores: int | None,
) -> None:
    changes = message_settings.differences(before, after)
    action = "message_settings.changed" if lease else "message_settings.default_changed"
    subject = lease.number.e164 if lease else ""
    audit.record(project_id=project_id, by=by, action=action, subject=subject, changes=" ".join(changes))
    MessageSettingsVersion(
        project_id=project_id,
        lease=lease,
        version=row.version,
        settings=message_settings.to_json(after),
        changes=changes,
        restores=restores,
        at=now,
        made_by=by.label[:LABEL_LENGTH],
    ).save(force_insert=True)


def require_sms(lease: Lease) -> None:
    """Raises ``number_without_sms``."""
    if not lease.number.sms:
        raise DomainError("number_without_sms", "This number is for calls only; it cannot receive messages.")


def restore_number(*, lease: Lease, version: int, by: Actor, now: datetime) -> None:
    """Goes back to what a version said, checked as if it were set now. Raises NotFound, and as change_number."""
    found = setting_versions.find(setting_versions.of_lease(MessageSettingsVersion, lease.pk), version)
    change_number(
        lease=lease,
        change=lambda set_: message_settings.restored(found.settings, set_),
        by=by,
        now=now,
        restores=version,
    )


def restore_project(*, project: Project, version: int, by: Actor, now: datetime) -> None:
    """As :func:`restore_number`."""
    found = setting_versions.find(setting_versions.of_project(MessageSettingsVersion, project.pk), version)
    change_project(
        project=project,
        change=lambda set_: message_settings.restored(found.settings, set_),
        by=by,
        now=now,
        restores=version,
    )
