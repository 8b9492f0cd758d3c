"""What beat starts for app users."""

from celery import shared_task
from django.utils import timezone

from projects.app_users import importing, imports


@shared_task(name="projects.forget_imports")
def forget_imports() -> None:
    """Removes imports of app users with their reports after a day; twice or late is harmless."""
    imports.forget(now=timezone.now())


@shared_task(name="projects.follow_imports")
def follow_imports() -> None:
    """Minutely: ends the imports of app users that were tried for the last time."""
    importing.stop_abandoned(now=timezone.now())
