"""What beat starts for push credentials. Harmless twice, late, or beside its like."""

from celery import shared_task
from django.utils import timezone

from projects.push import expiry


@shared_task(name="projects.watch_push_credentials")
def watch_push_credentials() -> None:
    """Hourly: announces certificates that expire."""
    expiry.announce(now=timezone.now())
