"""Tests that a customer sends: real requests, through the same queue, once."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.core import rate_limit
from portal.core.errors import DomainError, NotFound
from projects.models import Project
from projects.webhooks import event_types, project_events, queueing, requests
from projects.webhooks.event_types import EventType
from projects.webhooks.models import DeliveryKind, ProjectEventSettings, WebhookDelivery, WebhookTarget
from projects.webhooks.queueing import NewDelivery

PER_MINUTE = 20  # of a person


def limit(user_id: int | None) -> None:
    """Counts one. Raises ``rate_limited``."""
    rate_limit.hit("webhook-test", str(user_id), per_minute=PER_MINUTE)


@transaction.atomic
def send(*, target: WebhookTarget, webhook_id: str, payload: dict[str, Any], now: datetime) -> None:
    """Queues ``payload`` as a test, under an id that no other delivery has."""
    new = NewDelivery(webhook_id, target.project_id, target.pk, DeliveryKind.TEST, payload)
    queueing.enqueue([new], now=now)


@transaction.atomic
def send_event(*, project: Project, type_name: str, now: datetime) -> str:
    """The example of the catalogue. Raises ``no_event_url``, NotFound."""
    row = ProjectEventSettings.objects.filter(pk=project.pk, target__isnull=False).first()
    if row is None or row.target_id is None:
        raise DomainError("no_event_url", "Set a URL for events first.")
    if event_types.find(type_name) is None:
        raise NotFound("There is no such event.")
    new = project_events.example_delivery(project, type_name, row.target_id, now)
    queueing.enqueue([new], now=now)
    return new.webhook_id


def shown_example(event: EventType) -> str:
    """Its body as it would arrive, on several lines."""
    body = {"type": event.name, "timestamp": "2026-11-20T14:23:51.806Z", "data": dict(event.example)}
    return json.dumps(requests.ordered("", body), indent=2, ensure_ascii=False)


def shown_body(delivery: WebhookDelivery) -> str:
    """The parameters of a delivery, on several lines."""
    return json.dumps(requests.ordered(delivery.target.request_text, delivery.payload), indent=2, ensure_ascii=False)
