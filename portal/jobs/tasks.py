"""The Celery tasks of the outbox beside the kinds of jobs themselves (``portal.jobs.outbox.job``)."""

from typing import Any

from celery import shared_task
from celery.signals import beat_init
from django.utils import timezone

from portal.jobs import canary, mail, outbox
from portal.jobs.queues import DEFAULT, QUEUES


@shared_task(name="portal.jobs.sweep")
def sweep(queue: str | None = None) -> None:
    """Picks up what a lost wake-up left lying. Beat sends one to each queue, so that no queue waits for another's
    workers; two beats are harmless. None: all queues."""
    for name in [queue] if queue else QUEUES:
        outbox.sweep(name)


@shared_task(name="portal.jobs.canary")
def send_canary() -> None:
    canary.send(now=timezone.now())


@beat_init.connect
def _first_canary(**_: Any) -> None:
    """Beat's first round comes half a minute after its start; who asks whether we are ready need not wait for it."""
    outbox.send("portal.jobs.canary", DEFAULT)


@shared_task(name="portal.jobs.tidy")
def tidy() -> None:
    outbox.tidy(now=timezone.now())
    mail.forget_unsent(now=timezone.now())
