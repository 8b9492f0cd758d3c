"""What beat starts; harmless twice or late."""

from celery import shared_task
from django.utils import timezone

from portal.accounts import sign_ups


@shared_task(name="accounts.forget_sign_ups")
def forget_sign_ups() -> None:
    """Removes what nobody activated."""
    sign_ups.forget_expired(now=timezone.now())
