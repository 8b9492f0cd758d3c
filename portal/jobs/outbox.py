"""Queue a job with the change that causes it, and run jobs.

``enqueue`` writes the row in the caller's transaction and wakes a worker after the commit. A wake-up may get lost
(broker down, worker killed): the sweeper finds every row that is due. Handlers are idempotent; a handler whose work
is only in the database runs in the same transaction that marks the job done, so its effect happens exactly once.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.jobs.models import Job

log = logging.getLogger(__name__)
Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, Handler] = {}

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=10), timedelta(hours=1)


def job(kind: str) -> Callable[[Handler], Handler]:
    """Registers the handler of a kind of job; put it in a ``jobs.py`` that the app's ``ready()`` imports."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def enqueue(
    kind: str, payload: dict[str, Any], *, key: str | None = None, run_at: datetime | None = None
) -> None:
    """Part of the caller's transaction. With a ``key`` that was used before, nothing is queued."""
    row = Job(kind=kind, payload=payload, key=key, run_at=run_at or timezone.now())
    if key is None:
        row.save()
    elif not Job.objects.bulk_create([row], ignore_conflicts=True) or Job.objects.filter(key=key).first() is None:
        return
    if run_at is None:
        wake_on_commit()


def wake_on_commit() -> None:
    transaction.on_commit(wake, robust=True)


def wake() -> None:
    from portal.jobs.tasks import run_due

    try:
        run_due.apply_async(retry=False, expires=60)
    except Exception as error:  # the broker is down: the sweeper will find the row
        log.warning("jobs.wake_failed", extra={"error": type(error).__name__})


def run_due_jobs(limit: int = 100) -> int:
    """Runs what is due, one job at a time; several workers share the work (SKIP LOCKED). Returns how many ran."""
    for done in range(limit):
        if not run_next():
            return done
    return limit


def run_next(now: datetime | None = None) -> bool:
    """Claims and runs one due job; False when none is due."""
    now = now or timezone.now()
    due = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now).order_by("run_at", "id")
    with transaction.atomic():
        # The attempt is committed before the work: a job that kills its worker still runs out of attempts.
        row = due.select_for_update(skip_locked=True).first()
        if row is None:
            return False
        Job.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, run_at=now + _delay(row.attempts))
    with transaction.atomic():
        # The row lock is the sign of life: it falls with the worker, and another worker may try again.
        claimed = (
            Job.objects.select_for_update(skip_locked=True)
            .filter(pk=row.pk, state=Job.State.QUEUED, attempts=row.attempts + 1)
            .first()
        )
        if claimed is not None:
            _run(claimed)
    return True


def _delay(attempts: int) -> timedelta:
    return min(FIRST_DELAY * 2**attempts, LONGEST_DELAY)


def _run(row: Job) -> None:
    try:
        with transaction.atomic():
            _handlers[row.kind](row.payload)
    except Exception as error:
        row.last_error = f"{type(error).__name__}: {error}"[:2000]
        if row.attempts >= row.max_attempts:
            row.state, row.finished_at = Job.State.FAILED, timezone.now()
        log.exception("jobs.failed", extra={"job": row.pk, "kind": row.kind, "attempts": row.attempts})
    else:
        row.state, row.finished_at, row.last_error = Job.State.DONE, timezone.now(), ""
    row.save(update_fields=["state", "finished_at", "last_error"])
