"""The mails about endpoints that fail or are switched off, and events whose URL was removed."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from portal.jobs.outbox import job
from portal.jobs.queues import BULK, MAIL
from projects import mail
from projects.webhooks import endpoints, project_events
from projects.webhooks.models import WebhookEndpoint


@job(endpoints.FAILING_MAIL, queue=MAIL)
def endpoint_failing(payload: dict[str, Any]) -> None:
    """Nothing when it works again, or is switched off."""
    endpoint = _endpoint(payload)
    if endpoint and endpoint.failing_since and endpoint.off_at is None:
        _send("webhook_failing", endpoint, off_on=endpoint.failing_since + endpoints.OFF_AFTER)


@job(endpoints.OFF_MAIL, queue=MAIL)
def endpoint_off(payload: dict[str, Any]) -> None:
    """Nothing when it was switched on meanwhile."""
    endpoint = _endpoint(payload)
    if endpoint and endpoint.off_at:
        _send("webhook_off", endpoint)


@job(project_events.WITHDRAW, queue=BULK)
def withdraw_events(payload: dict[str, Any]) -> None:
    """Commits together with the job's end, and with the job for the next part."""
    project_events.withdraw(payload["target"], timezone.now())


def _endpoint(payload: dict[str, Any]) -> WebhookEndpoint | None:
    return WebhookEndpoint.objects.select_related("project").filter(pk=payload["endpoint"]).first()


def _send(name: str, endpoint: WebhookEndpoint, **context: Any) -> None:
    path = reverse("projects:webhooks", args=[endpoint.project.pid])
    mail.send(name, project=endpoint.project, user_id=None, path=path, endpoint=endpoint, **context)
