"""What is made ahead for messages and what is removed with time. Harmless twice, at once or late."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from numbers.messaging.partitions import MESSAGES
from portal.core.sql import in_chunks

log = logging.getLogger(__name__)
CHUNK = 5_000
PARTS_KEPT = timedelta(days=1)  # after they were joined; MESSAGE_PARTS_WAIT_SECONDS is not more

_CLEAR = """
UPDATE numbers_message SET text = NULL, body_cleared_at = %s WHERE (received_at, id) IN (
    SELECT received_at, id FROM numbers_message WHERE received_at < %s AND body_cleared_at IS NULL
    ORDER BY received_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""
_PURGE = """
DELETE FROM numbers_messagekey WHERE (switch_id, digest) IN (
    SELECT switch_id, digest FROM numbers_messagekey WHERE purge_after < %s ORDER BY purge_after LIMIT %s
    FOR UPDATE SKIP LOCKED)
"""


_PURGE_PARTS = """
DELETE FROM numbers_messagepart WHERE id IN (
    SELECT id FROM numbers_messagepart WHERE joined_at < %s ORDER BY joined_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def keep_months(*, now: datetime) -> None:
    """This month and three ahead exist; those older than MESSAGE_MONTHS do not."""
    # A message may be of yesterday: what waited in vain for its other parts.
    MESSAGES.keep(since=now - timedelta(days=1), now=now, kept=settings.MESSAGE_MONTHS)


def clear_bodies(*, now: datetime) -> int:
    """The text of messages older than MESSAGE_BODY_DAYS is gone; of how many."""
    if not settings.MESSAGE_BODY_DAYS:
        return 0
    cleared = in_chunks(_CLEAR, [now, now - timedelta(days=settings.MESSAGE_BODY_DAYS)], CHUNK)
    if cleared:
        log.info("messages.bodies_cleared", extra={"messages": cleared})
    return cleared


def purge(*, now: datetime) -> int:
    """Keys and joined parts by which no copy is recognised any more; how many."""
    return in_chunks(_PURGE, [now], CHUNK) + in_chunks(_PURGE_PARTS, [now - PARTS_KEPT], CHUNK)
