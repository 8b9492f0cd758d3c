"""What customers know a message by: a UUID of version 7 (RFC 9562, section 5.7), which tells when it was received.

So a message is found by its id alone in a table that is divided by time, without an index for that.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from portal.core.epoch import EPOCH

_MILLISECOND = timedelta(milliseconds=1)
_VERSION, _VARIANT = 0x7 << 76, 0b10 << 62
_RANDOM = (1 << 76) - 1 & ~(0b11 << 62)


def new(received_at: datetime) -> UUID:
    """Never the same twice: 74 of its bits are random."""
    milliseconds = (received_at - EPOCH) // _MILLISECOND
    return UUID(int=milliseconds << 80 | _VERSION | _VARIANT | secrets.randbits(76) & _RANDOM)


def received_between(message_id: UUID) -> tuple[datetime, datetime] | None:
    """From when (inclusive) until when it was received; None for an id that is none of ours."""
    if message_id.version != 7:
        return None
    try:
        since = EPOCH + timedelta(milliseconds=message_id.int >> 80)
        return since, since + _MILLISECOND
    except OverflowError:
        return None
