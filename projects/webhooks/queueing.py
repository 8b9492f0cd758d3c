"""Puts into the queue what is to be delivered; what was delivered or has failed once more, if asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.jobs import outbox
from portal.jobs.queues import DELIVER
from projects.webhooks.models import DeliveryKind, DeliveryState, WebhookDelivery

TASK = "webhooks.deliver"
outbox.add_lane(TASK, DELIVER)
Subject = tuple[datetime, int]  # subject_at, subject_id


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


def move(*, from_target: int, to_target: int, most: int) -> bool:
    """Of what waits for one target, ``most`` go to another from now on; whether some are left."""
    WebhookDelivery.objects.filter(pk__in=[row[0] for row in _lock_waiting(from_target, most)]).update(target=to_target)
    return _waiting(from_target).exists()


def withdraw(target_id: int, now: datetime, *, most: int) -> tuple[list[Subject], bool]:
    """Of what waits for the target, ``most`` are not sent any more; their subjects, and whether some are left."""
    rows = _lock_waiting(target_id, most)
    WebhookDelivery.objects.filter(pk__in=[row[0] for row in rows]).update(
        state=DeliveryState.FAILED, next_at=None, finished_at=now
    )
    subjects = [(at, pk) for _, at, pk in rows if at is not None and pk is not None]
    return subjects, _waiting(target_id).exists()


def _waiting(target_id: int) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(target=target_id, state__in=WebhookDelivery.UNFINISHED)


def _lock_waiting(target_id: int, most: int) -> list[tuple[int, datetime | None, int | None]]:
    """The next ones that are due; locked in the order of their keys, as everybody locks them."""
    waiting = _waiting(target_id)
    chosen = list(waiting.order_by("next_at", "pk").values_list("pk", flat=True)[:most])
    locked = waiting.filter(pk__in=chosen).order_by("pk").select_for_update()
    return list(locked.values_list("pk", "subject_at", "subject_id"))
