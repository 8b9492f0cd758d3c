"""A whole message becomes a row, and is dispatched, in the transaction of whoever has it whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from numbers.leases.models import Lease
from numbers.messaging import message_ids
from numbers.messaging.dispatch import dispatch
from numbers.messaging.models import Message
from numbers.messaging.partitions import MESSAGES
from portal.core.partitions import month_of


@dataclass(frozen=True, slots=True)
class Stored:
    """``is_new``: False for a copy of what is stored already. ``message``: the whole one that there is now by that."""

    is_new: bool
    message: Message | None = None


def held_by(leases: QuerySet[Lease]) -> Lease | None:
    """The first of them. Whoever ends its suspension now waits for us and finds the message that is held; or we see
    that it has ended."""
    lease = leases.first()
    if lease and lease.status == Lease.Status.SUSPENDED:
        lease = leases.select_for_update(no_key=True).filter(pk=lease.pk).first()
    return lease


def store_message(*, lease: Lease, received_at: datetime, now: datetime, **values: Any) -> Message:
    """For the project that has the lease; held while that is suspended."""
    status = Message.Status.HELD if lease.status == Lease.Status.SUSPENDED else Message.Status.WAITING
    MESSAGES.add_months([month_of(received_at)])
    message = Message(
        message_id=message_ids.new(received_at),
        received_at=received_at,
        lease=lease,
        number_id=lease.number_id,
        project_id=lease.project_id,
        status=status,
        **values,
    )
    message.save(force_insert=True)
    dispatch([message], now)
    return message
