"""What beat starts for imports of routing."""

from celery import shared_task
from django.utils import timezone

from numbers.routing_files import importing, queries


@shared_task(name="numbers.forget_routing_imports")
def forget_routing_imports() -> None:
    """Removes imports of routing with their reports after a day; twice or late is harmless."""
    queries.forget(now=timezone.now())


@shared_task(name="numbers.follow_routing_imports")
def follow_routing_imports() -> None:
    """Minutely: ends the imports of routing that were tried for the last time."""
    importing.stop_abandoned()
