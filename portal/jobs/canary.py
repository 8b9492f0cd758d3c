"""A job that does nothing: when it was last done shows whether beat, broker, workers and database work together.

One row for good. Beat has it queued every thirty seconds; ``/readyz`` reads :func:`finished_at`.
"""

from datetime import datetime
from typing import Any

from portal.jobs.models import Job
from portal.jobs.outbox import enqueue, job, wake_on_commit

KIND = KEY = "portal.canary"


@job(KIND)
def sing(payload: dict[str, Any]) -> None:
    """Being run is all there is to it."""


def send(*, now: datetime) -> None:
    """Queues the canary, unless it waits already."""
    enqueue(KIND, {}, key=KEY)
    ended = Job.objects.filter(key=KEY).exclude(state=Job.State.QUEUED)
    if ended.update(state=Job.State.QUEUED, attempts=0, run_at=now):  # finished_at stays: it is what is asked for
        wake_on_commit(KIND)


def finished_at() -> datetime | None:
    """When a worker last did it; None when none ever has."""
    return Job.objects.filter(key=KEY).values_list("finished_at", flat=True).first()
