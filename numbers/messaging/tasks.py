"""What beat starts. Harmless twice, at once or late."""

from celery import shared_task
from django.utils import timezone

from numbers.messaging import joining, keeping


@shared_task(name="numbers.keep_messages")
def keep_messages() -> None:
    now = timezone.now()
    keeping.keep_months(now=now)
    keeping.clear_bodies(now=now)
    keeping.purge(now=now)


@shared_task(name="numbers.join_overdue_parts")
def join_overdue_parts() -> None:
    joining.join_overdue(now=timezone.now())
