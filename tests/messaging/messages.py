"""Rows of the table of messages, as the intake leaves them."""

from datetime import UTC, datetime

from numbers.messaging import message_ids
from numbers.messaging.models import Message
from numbers.messaging.partitions import MESSAGES
from portal.core.partitions import month_of

AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)  # while the leases of tests.support.leases are held


def make_message(held_by, /, **values):
    """To the number of the lease ``held_by``; values replace what is usual."""
    received = values.setdefault("received_at", AT)
    MESSAGES.add_months([month_of(received)])
    usual = {
        "message_id": message_ids.new(received),
        "lease": held_by,
        "number": held_by.number,
        "project": held_by.project,
        "switch_id": "gw1",
        "source": "+442079460018",
        "destination": held_by.number.e164,
        "text": "Hello",
        "encoding": Message.Encoding.GSM7,
    }
    return Message.objects.create(**usual | values)
