"""The status of messages follows their delivery."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from numbers.messaging.models import MessageStatus
from projects.webhooks.models import DeliveryKind, DeliveryState
from projects.webhooks.outcomes import Outcome, listens

Key = tuple[datetime, int]  # received_at, id
_SET = """
UPDATE numbers_message m SET status = %s
FROM unnest(%s::timestamptz[], %s::bigint[]) AS given (received_at, id)
WHERE m.received_at = given.received_at AND m.id = given.id
"""
_OF_STATE = {  # one that is tried again waits as before
    DeliveryState.DELIVERED: MessageStatus.DELIVERED,
    DeliveryState.FAILED: MessageStatus.FAILED,
    DeliveryState.CANCELLED: MessageStatus.CANCELLED,
}


def set_status(keys: Iterable[Key], status: MessageStatus) -> None:
    """In the order of the keys, so that two who do so never wait for each other in a circle."""
    ordered = sorted(keys)
    if ordered:
        with connection.cursor() as cursor:
            cursor.execute(_SET, [status, [at for at, _ in ordered], [pk for _, pk in ordered]])


@listens(DeliveryKind.MESSAGE)
def follow(outcomes: Sequence[Outcome]) -> None:
    for state, status in _OF_STATE.items():
        set_status(_keys(each for each in outcomes if each.state == state), status)


def _keys(outcomes: Iterable[Outcome]) -> list[Key]:
    return [
        (each.subject_at, each.subject_id)
        for each in outcomes
        if each.subject_at is not None and each.subject_id is not None
    ]
