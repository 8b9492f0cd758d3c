"""What is made ahead for call records and what is removed with time. Harmless twice, at once or late."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection

from numbers.calls import partitions
from numbers.calls.models import CallRecordBatch
from numbers.calls.plausibility import OLDEST

log = logging.getLogger(__name__)
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
    oldest = partitions.month_of(now - OLDEST)
    months = (partitions.month_of(oldest, plus) for plus in range(partitions.MONTHS_AHEAD + 3))
    partitions.add_months(month for month in months if month <= partitions.month_of(now, partitions.MONTHS_AHEAD))
    try:
        dropped = partitions.drop_months(partitions.month_of(now, -settings.CALL_RECORD_MONTHS))
    except OperationalError:  # somebody is reading
        log.warning("calls.months_not_dropped")
    else:
        if dropped:
            log.info("calls.months_dropped", extra={"months": dropped})


def purge(*, now: datetime) -> int:
    """Keys and batches that no copy can need any more; how many keys."""
    CallRecordBatch.objects.filter(received_at__lt=now - KEYS_KEPT).delete()
    purged = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_PURGE, [now, CHUNK])
            purged += cursor.rowcount
            if cursor.rowcount < CHUNK:
                return purged
