"""Puts into the queue what is to be delivered; what was delivered or has failed once more, if asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.jobs import outbox
from portal.jobs.queues import DELIVER
from projects.webhooks.models import DeliveryKind, DeliveryState, WebhookDelivery

TASK = "webhooks.deliver"
outbox.add_lane(TASK, DELIVER)


@dataclass(frozen=True, slots=True)
class NewDelivery:
    webhook_id: str
    project_id: int
    target_id: int
    kind: DeliveryKind
    payload: dict[str, Any]
    subject_at: datetime | None = None
    subject_id: int | None = None


def enqueue(deliveries: Sequence[NewDelivery], *, now: datetime) -> None:
    """Part of the caller's transaction. What is in the queue already under its id stays as it is; what was finished is
    sent again, with a fresh set of attempts, to where its kind goes now."""
    if not deliveries:
        return
    rows = [
        WebhookDelivery(
            webhook_id=each.webhook_id,
            project_id=each.project_id,
            target_id=each.target_id,
            kind=each.kind,
            payload=each.payload,
            subject_at=each.subject_at,
            subject_id=each.subject_id,
            next_at=now,
            created_at=each.subject_at or now,  # by which it is forgotten, with its text
        )
        for each in deliveries
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    by_target: dict[int, list[str]] = {}
    for each in deliveries:
        by_target.setdefault(each.target_id, []).append(each.webhook_id)
    for target_id, ids in by_target.items():
        _again(ids, target_id, now)
    outbox.wake_on_commit(TASK)


def _again(webhook_ids: Collection[str], target_id: int, now: datetime) -> None:
    finished = WebhookDelivery.objects.filter(webhook_id__in=webhook_ids, finished_at__isnull=False)
    finished.update(state=DeliveryState.QUEUED, target=target_id, attempts=0, next_at=now, finished_at=None)


def move(*, from_target: int, to_target: int) -> None:
    """What waits for one target goes to another from now on."""
    WebhookDelivery.objects.filter(target=from_target, state__in=WebhookDelivery.UNFINISHED).update(target=to_target)


def withdraw(target_id: int, now: datetime) -> list[tuple[datetime | None, int | None]]:
    """What waits for the target is not sent any more; the subjects of it."""
    waiting = WebhookDelivery.objects.filter(target=target_id, state__in=WebhookDelivery.UNFINISHED)
    rows = list(waiting.order_by("pk").select_for_update().values_list("pk", "subject_at", "subject_id"))
    WebhookDelivery.objects.filter(pk__in=[row[0] for row in rows]).update(
        state=DeliveryState.FAILED, next_at=None, finished_at=now
    )
    return [(row[1], row[2]) for row in rows]
