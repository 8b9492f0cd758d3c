"""What beat starts for app users."""

from celery import shared_task
from django.utils import timezone

from projects.app_users import imports


@shared_task(name="projects.forget_imports")
def forget_imports() -> None:
    """Removes imports of app users with their reports after a day; twice or late is harmless."""
    imports.forget(now=timezone.now())
