"""What beat and wake-ups start. Harmless twice, late, or beside its like."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.utils import timezone

from portal.jobs import outbox
from portal.jobs.queues import DELIVER, QUEUES
from projects.webhooks import dispatcher, endpoints, keeping, secrets
from projects.webhooks.queueing import TASK


@shared_task(name=TASK, soft_time_limit=QUEUES[DELIVER].soft, time_limit=QUEUES[DELIVER].hard)
def deliver(queue: str = "") -> None:
    """Started by whoever queued something, and every few seconds, for what is to be tried again."""
    outbox.awake(outbox.lane_of(TASK))
    dispatcher.dispatch()


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    dispatcher.stop()


@shared_task(name="projects.watch_endpoints")
def watch_endpoints() -> None:
    """Hourly: warns of endpoints that only fail, and switches them off in the end."""
    endpoints.watch(now=timezone.now())


@shared_task(name="projects.forget_deliveries")
def forget_deliveries() -> None:
    now = timezone.now()
    keeping.forget_deliveries(before=now - timedelta(days=settings.WEBHOOK_LOG_DAYS))
    secrets.forget_former(now=now)
