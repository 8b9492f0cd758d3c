"""Messages into the queue of webhooks: to the URL of their number, else to that of the project."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from numbers.messaging.models import Message, MessageStatus
from numbers.messaging.statuses import set_status
from portal.core.times import for_programs
from projects.webhooks import queueing
from projects.webhooks.models import DeliveryKind
from projects.webhooks.queueing import NewDelivery

# Of each lease: the target of the number, else of its project.
_TARGETS = """
SELECT l.id, coalesce(own.target_id, theirs.target_id) FROM numbers_lease l
LEFT JOIN numbers_numbermessagesettings own ON own.lease_id = l.id
LEFT JOIN numbers_projectmessagesettings theirs ON theirs.project_id = l.project_id
WHERE l.id = ANY(%s)
"""


def dispatch(messages: Sequence[Message], now: datetime, *, held: bool = False) -> int:
    """Queues them for delivery, again if they were finished; how many had a URL to go to. Part of the caller's
    transaction. The rows follow, the instances do not. Left alone are those whose text is cleared and, without
    ``held``, those of a suspended number."""
    found = [each for each in messages if each.text is not None and (held or each.status != MessageStatus.HELD)]
    if not found:
        return 0
    targets = _targets({each.lease_id for each in found})
    going = [each for each in found if targets.get(each.lease_id)]
    staying = [each for each in found if not targets.get(each.lease_id)]
    _set(staying, MessageStatus.NO_URL)
    _set([each for each in going if each.status != MessageStatus.WAITING], MessageStatus.WAITING)
    queueing.enqueue([_delivery(each, targets[each.lease_id]) for each in going], now=now)
    return len(going)


def _targets(lease_ids: Iterable[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_TARGETS, [list(lease_ids)])
        return {lease: target for lease, target in cursor.fetchall() if target}


def _set(messages: Sequence[Message], status: MessageStatus) -> None:
    set_status([(each.received_at, each.id) for each in messages], status)


def _delivery(message: Message, target_id: int) -> NewDelivery:
    return NewDelivery(
        webhook_id=str(message.message_id),
        project_id=message.project_id,
        target_id=target_id,
        kind=DeliveryKind.MESSAGE,
        payload=payload(message),
        subject_at=message.received_at,
        subject_id=message.id,
    )


def payload(message: Message) -> dict[str, Any]:
    """The parameters of the guide (3.3, table 6), what identifies the message, and what is unusual about it."""
    found: dict[str, Any] = {
        "source": message.source,
        "destination": message.destination,
        "message": message.text,
        "message_id": str(message.message_id),
        "received_at": for_programs(message.received_at),
    }
    if message.encoding == Message.Encoding.BINARY:
        found["encoding"] = message.encoding
    if message.missing_parts:
        found["missing_parts"] = list(message.missing_parts)
    return found
