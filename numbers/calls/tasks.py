"""What beat starts. Harmless twice, at once or late."""

from celery import shared_task
from django.utils import timezone

from numbers.calls import keeping


@shared_task(name="numbers.keep_call_records")
def keep_call_records() -> None:
    now = timezone.now()
    keeping.keep_months(now=now)
    keeping.purge(now=now)
