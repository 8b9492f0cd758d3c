"""What is made ahead for call records and what is removed with time. Harmless twice, at once or late."""

from datetime import datetime, timedelta

from django.conf import settings

from numbers.calls.models import CallRecordBatch
from numbers.calls.partitions import CALLS
from numbers.calls.plausibility import OLDEST
from portal.core.sql import in_chunks

# A copy that comes later than this is parked for its age: the key of a record is not needed any more.
KEYS_KEPT = OLDEST + timedelta(days=1)
CHUNK = 10_000

_PURGE = """
DELETE FROM numbers_callrecordkey WHERE (switch_id, cdr_id) IN (
    SELECT switch_id, cdr_id FROM numbers_callrecordkey WHERE purge_after < %s ORDER BY purge_after LIMIT %s
    FOR UPDATE SKIP LOCKED)
"""


def keep_months(*, now: datetime) -> None:
    """Months from those of the last 35 days to three ahead exist; those older than CALL_RECORD_MONTHS do not."""
    CALLS.keep(since=now - OLDEST, now=now, kept=settings.CALL_RECORD_MONTHS)


def purge(*, now: datetime) -> int:
    """Keys and batches that no copy can need any more; how many keys."""
    CallRecordBatch.objects.filter(received_at__lt=now - KEYS_KEPT).delete()
    return in_chunks(_PURGE, [now], CHUNK)
