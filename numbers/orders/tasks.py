"""What beat starts for orders."""

from celery import shared_task
from django.utils import timezone

from numbers.orders import expiry


@shared_task(name="numbers.expire_orders")
def expire_orders() -> None:
    """Ends what is past its time and announces what soon will be; twice or late is harmless."""
    now = timezone.now()
    expiry.expire_orders(now=now)
    expiry.remind(now=now)
