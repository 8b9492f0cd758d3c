"""Messages of suspended numbers: kept, and delivered once the number is active again."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from numbers.messaging.dispatch import dispatch
from numbers.messaging.models import Message, MessageStatus
from portal.jobs.outbox import enqueue

RELEASE = "numbers.release_held_messages"
CHUNK = 500


def release_later(lease_ids: Iterable[int]) -> None:
    """Call in the transaction that makes the leases active again."""
    ids = sorted(lease_ids)
    if not ids:
        return
    held = Message.objects.filter(lease__in=ids, status=MessageStatus.HELD)
    waiting = sorted(set(held.values_list("lease_id", flat=True)))
    if waiting:
        enqueue(RELEASE, {"leases": waiting})


def release(lease_ids: Iterable[int], *, now: datetime) -> int:
    """Oldest first, in parts; how many."""
    released = 0
    while True:
        with transaction.atomic():
            held = Message.objects.filter(
                lease__in=list(lease_ids), status=MessageStatus.HELD, text__isnull=False
            ).order_by("received_at", "id")
            found = list(held.select_for_update(skip_locked=True)[:CHUNK])
            if not found:
                return released
            dispatch(found, now, held=True)
            released += len(found)
