"""Deliveries for pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models.fields.json import KT

from portal.core.errors import NotFound
from projects.models import Project
from projects.webhooks.models import DeliveryKind, WebhookAttempt, WebhookDelivery

ATTEMPTS_SHOWN = 50
RECENT = 20


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    delivery: WebhookDelivery
    attempts: list[WebhookAttempt]  # newest first

    @property
    def is_over(self) -> bool:
        return self.delivery.finished_at is not None


def find(project: Project, webhook_id: str) -> DeliveryLog:
    """A delivery of the project with its attempts. Raises NotFound."""
    log = log_of(project, webhook_id)
    if log is None:
        raise NotFound("This project has no such delivery. Deliveries are kept for some weeks only.")
    return log


def log_of(project: Project, webhook_id: str) -> DeliveryLog | None:
    rows = WebhookDelivery.objects.select_related("target__endpoint", "target__fallback")
    delivery = rows.filter(project=project, webhook_id=webhook_id).first()
    if delivery is None:
        return None
    return DeliveryLog(
        delivery, list(WebhookAttempt.objects.filter(delivery=delivery).order_by("-id")[:ATTEMPTS_SHOWN])
    )


def recent_events(project: Project) -> Iterable[Mapping[str, Any]]:
    """``webhook_id``, ``type``, ``state``, ``created_at`` of the last ones, newest first."""
    rows = WebhookDelivery.objects.filter(project=project, kind=DeliveryKind.EVENT).order_by("-id")
    named = rows.annotate(type=KT("payload__type"))
    return named.values("webhook_id", "type", "state", "created_at", "attempts", "next_at")[:RECENT]
