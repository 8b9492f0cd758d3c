"""The two Celery tasks of the outbox: woken after a commit, and swept every few seconds."""

from celery import shared_task

from portal.jobs import outbox


@shared_task(name="portal.jobs.run_due")
def run_due() -> None:
    outbox.run_due_jobs()


@shared_task(name="portal.jobs.sweep")
def sweep() -> None:
    """Picks up what a lost wake-up left lying; two beats are harmless, because jobs are claimed by row lock."""
    outbox.run_due_jobs()
