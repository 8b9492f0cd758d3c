"""Orders that nobody completed: announced some days before, then ended; money and number go back."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from numbers.orders.closing import expire
from numbers.orders.models import Order
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue

log = logging.getLogger(__name__)
REMIND_BEFORE = timedelta(days=3)
REMIND_AFTER = timedelta(days=1)  # since it was placed: no reminder right after the order's own mail
BATCH = 500
REMINDER = "numbers.order_expiring_mail"


def expire_orders(*, now: datetime, limit: int = BATCH) -> int:
    """Ends what is past its time, each order in a transaction of its own. Returns how many ended.

    Several at once share the work. An order that cannot be ended is logged and does not hold up the others.
    """
    ended = 0
    stuck: list[int] = []
    while ended + len(stuck) < limit:
        overdue = Order.objects.filter(status__in=Order.INCOMPLETE, expires_at__lte=now).exclude(pk__in=stuck)
        order = None
        try:
            with transaction.atomic():
                order = overdue.order_by("expires_at", "id").select_for_update(skip_locked=True).first()
                if order is None:
                    return ended
                expire(order=order, now=now)
        except Exception:
            if order is None:
                raise
            log.exception("orders.expiry_failed", extra={"order": order.pk})
            stuck.append(order.pk)
        else:
            ended += 1
    return ended


def remind(*, now: datetime, limit: int = BATCH) -> int:
    """Queues one mail per order and expiry date, some days before. Returns how many orders were due for one."""
    soon = Order.objects.filter(
        status__in=Order.INCOMPLETE,
        expires_at__gt=now,
        expires_at__lte=now + REMIND_BEFORE,
        created_at__lte=now - REMIND_AFTER,
    ).order_by("expires_at", "id")
    keys = {_reminder_key(order): order for order in soon}
    queued = set(Job.objects.filter(key__in=keys).values_list("key", flat=True))
    due = [(key, order) for key, order in keys.items() if key not in queued][:limit]
    with transaction.atomic():
        for key, order in due:
            enqueue(REMINDER, {"order": order.pk, "user": order.ordered_by_id}, key=key)
    return len(due)


def _reminder_key(order: Order) -> str:
    """An order whose time was extended is announced again."""
    return f"{REMINDER}:{order.pk}:{order.expires_at:%Y%m%d%H%M}"
