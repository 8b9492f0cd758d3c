"""Whether an order has all that it needs. Upload, review and ordering all end in :func:`update_completeness`."""

from datetime import datetime, timedelta

from django.conf import settings

from numbers.compliance import checklist
from numbers.orders import lifecycle
from numbers.orders.models import Order


def update_completeness(order: Order, *, now: datetime) -> None:
    """Moves a complete order to review, and one that lacks something again back to the customer.

    Call with the order's row locked, after anything that changes its submissions or their documents.
    """
    complete = not any(item.missing for item in checklist.items(order, now.date()))
    if complete and order.status in Order.INCOMPLETE:
        lifecycle.transition(order, Order.Status.IN_REVIEW, now=now, submitted_at=now)
    elif not complete and order.status == Order.Status.IN_REVIEW:
        lifecycle.transition(order, Order.Status.DOCUMENTS_REQUESTED, now=now, submitted_at=None)
        extend_expiry(order, now)


def extend_expiry(order: Order, now: datetime) -> None:
    """Whoever has to submit something gets half of an order's time for it, at least. It never becomes less."""
    least = now + timedelta(days=settings.ORDER_EXPIRY_DAYS) / 2
    if order.expires_at < least:
        order.expires_at = least
        order.save(update_fields=["expires_at"])
