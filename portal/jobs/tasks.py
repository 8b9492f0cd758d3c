"""The Celery tasks of the outbox: woken after a commit, swept every few seconds, tidied once a day."""

from celery import shared_task
from django.utils import timezone

from portal.jobs import mail, outbox


@shared_task(name=outbox.RUN_DUE)
def run_due() -> None:
    outbox.answer()


@shared_task(name="portal.jobs.sweep")
def sweep() -> None:
    """Picks up what a lost wake-up left lying. Two beats are harmless: jobs are claimed by row lock."""
    outbox.run_due_jobs()


@shared_task(name="portal.jobs.tidy")
def tidy() -> None:
    outbox.tidy(now=timezone.now())
    mail.forget_unsent(now=timezone.now())
