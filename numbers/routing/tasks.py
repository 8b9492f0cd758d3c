"""What beat starts. Harmless twice, at once or late."""

from celery import shared_task
from django.utils import timezone

from numbers.routing import spend, spend_alerts


@shared_task(name="numbers.follow_spending")
def follow_spending() -> None:
    now = timezone.now()
    spend_alerts.follow_spending(now=now)
    spend.forget(now=now)
