"""Sending a project's events, where it wants them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from portal.core.times import for_programs
from portal.jobs import outbox
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project
from projects.webhooks import event_types, queueing, targets
from projects.webhooks.models import DeliveryKind, ProjectEventSettings, WebhookMethod
from projects.webhooks.queueing import NewDelivery
from projects.webhooks.targets import TargetSettings, settings_of

URL_FIELD = "url"
WITHDRAW = "projects.withdraw_events"
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class ProjectEvent:
    """``data``: with the names that the catalogue shows; texts, numbers as texts, times as ISO 8601 in UTC."""

    project_id: int
    type: str
    data: Mapping[str, Any]


def emit(events: Iterable[ProjectEvent], *, now: datetime) -> None:
    """Call inside the transaction of what happened; one query where nobody listens. Raises UndeclaredEventType."""
    events = list(events)
    if not events:
        return
    for each in events:
        event_types.require(each.type, each.data)
    listening = ProjectEventSettings.objects.filter(project__in={each.project_id for each in events})
    wanted = dict(listening.filter(target__isnull=False).values_list("project_id", "target_id"))
    queueing.enqueue(
        [
            _delivery(each, wanted[each.project_id], DeliveryKind.EVENT, now)
            for each in events
            if each.project_id in wanted
        ],
        now=now,
    )


def _delivery(event: ProjectEvent, target_id: int, kind: DeliveryKind, now: datetime) -> NewDelivery:
    payload = {"type": event.type, "timestamp": for_programs(now), "data": dict(event.data)}
    return NewDelivery(f"evt_{uuid4().hex}", event.project_id, target_id, kind, payload)


def settings_for(project: Project) -> TargetSettings:
    row = (
        ProjectEventSettings.objects.select_related("target__endpoint", "target__fallback")
        .filter(pk=project.pk)
        .first()
    )
    return settings_of(row.target if row else None)


@transaction.atomic
def set_url(*, project: Project, url: str, by: Actor, now: datetime) -> None:
    """``url`` as of portal.outbound.urls; "" sends no events any more. Raises ``project_archived``,
    ``project_suspended``."""
    require_active(lock_project(project.pk))
    row = ProjectEventSettings.objects.select_related("target__endpoint").filter(pk=project.pk).first()
    row = row or ProjectEventSettings(project=project)
    before = row.target.endpoint.url if row.target else ""
    if url == before:
        return
    old = row.target
    row.target = targets.write(old, project.pk, _settings(url), now=now) if url else None
    row.updated_at = now
    row.save()
    if old and not url:
        targets.let_go(old)
        withdraw(old.pk, now)
    audit.record(project_id=project.pk, by=by, action="webhook.events_set", subject=url or before, url=url)


def withdraw(target_id: int, now: datetime) -> None:
    """One part of what waits for a URL that was removed; the rest is another job. Call in a transaction."""
    _, is_more = queueing.withdraw(target_id, now, most=CHUNK)
    if is_more:
        outbox.enqueue(WITHDRAW, {"target": target_id})


def _settings(url: str) -> TargetSettings:
    return TargetSettings(url=url, method=WebhookMethod.POST, request_text="")


def example_delivery(project: Project, type_name: str, target_id: int, now: datetime) -> NewDelivery:
    """The example of the catalogue, as it would arrive. Raises UndeclaredEventType."""
    found = event_types.find(type_name)
    if found is None:
        raise event_types.UndeclaredEventType(type_name)
    return _delivery(ProjectEvent(project.pk, type_name, found.example), target_id, DeliveryKind.TEST, now)
