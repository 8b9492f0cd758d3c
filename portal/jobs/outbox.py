"""Queue a job with the change that causes it, and run jobs.

``enqueue`` writes the row in the caller's transaction and wakes a worker after the commit. A wake-up may get
lost (broker down, worker killed): the sweeper finds every row that is due. Handlers are idempotent; a handler
whose work is only in the database runs in the same transaction that marks the job done, so its effect happens
exactly once.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from portal.celery import app
from portal.jobs.models import Job
from portal.jobs.queues import DEFAULT, QUEUES
from portal.middleware import request_id

log = logging.getLogger(__name__)
Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, Handler] = {}

RUN_DUE = "portal.jobs.run_due"
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=10), timedelta(hours=1)
# One task works this long before it hands over; far below CELERY_TASK_TIME_LIMIT, which kills the process.
BUDGET_SECONDS = 60
# A wake-up that got lost keeps others back for no longer than this.
ON_ITS_WAY, WAKE_SECONDS = "jobs.wake", 2
# For so long after it was seen, a process trusts the mark without asking again; a worker looks once more after that.
TRUST_SECONDS = 0.05


def job(kind: str, *, queue: str = DEFAULT) -> Callable[[Handler], Handler]:
    """Registers the handler of a kind of job; put it in a ``jobs.py`` that the app's ``ready()`` imports.

    ``queue`` is one of ``portal.jobs.queues``: whose workers do this kind of work.
    """
    if queue not in QUEUES:
        raise ValueError(f"There is no queue {queue!r} for {kind!r}; there are {', '.join(QUEUES)}.")

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(kind, handler) is not handler:
            raise ValueError(f"There is a handler for {kind!r} already: {_handlers[kind].__module__}.")
        return handler

    return register


def enqueue(
    kind: str, payload: dict[str, Any], *, key: str | None = None, run_at: datetime | None = None
) -> None:
    """Part of the caller's transaction. With a ``key`` that was used before, nothing is queued."""
    due = run_at or timezone.now()
    row = Job(kind=kind, payload=payload, key=key, run_at=due, request_id=request_id.get())
    # ON CONFLICT DO NOTHING waits for a transaction that is just inserting the same key.
    Job.objects.bulk_create([row], ignore_conflicts=key is not None)
    if run_at is None:
        wake_on_commit()


def wake_on_commit() -> None:
    """One wake-up per transaction, however many jobs it queues."""
    if not any(entry[1] is wake for entry in connection.run_on_commit):
        transaction.on_commit(wake, robust=True)


_seen: float | None = None  # monotonic time at which this process last saw or set the mark


def wake() -> None:
    """Sends a wake-up unless one is on its way: a task costs half of what a purchase costs, asking a tenth.

    The worker takes the mark away before it looks, so what was committed before this call is seen by that look, or
    by the second one of :func:`answer` when this process did not ask.
    """
    global _seen
    now = time.monotonic()
    if _seen is not None and now - _seen < TRUST_SECONDS:
        return
    try:
        if cache.add(ON_ITS_WAY, 1, WAKE_SECONDS):
            app.send_task(RUN_DUE, retry=False, expires=60)
        _seen = now
    except Exception as error:  # the broker is down: the sweeper will find the row
        log.warning("jobs.wake_failed", extra={"error": type(error).__name__})


def answer() -> None:
    """What a wake-up starts: run what is due, and look again for what was committed on trust (see ``wake``)."""
    awake()
    until = time.monotonic() + TRUST_SECONDS
    run_due_jobs()
    time.sleep(max(0.0, until - time.monotonic()))
    run_due_jobs()


def awake() -> None:
    """A worker is about to look; from now on a new wake-up is needed."""
    global _seen
    _seen = None
    try:
        cache.delete(ON_ITS_WAY)
    except Exception as error:  # the mark goes by itself
        log.warning("jobs.wake_failed", extra={"error": type(error).__name__})


def run_due_jobs(limit: int = 1000, seconds: float = BUDGET_SECONDS) -> int:
    """Runs what is due, one job at a time; several workers share the work (SKIP LOCKED). Returns how many
    ran.

    Stops after ``limit`` jobs or ``seconds`` (between two jobs) and then wakes a successor.
    """
    end = time.monotonic() + seconds
    for done in range(limit):
        if time.monotonic() >= end:
            wake()
            return done
        if not run_next():
            return done
    wake()
    return limit


def run_next(now: datetime | None = None) -> bool:
    """Claims and runs one due job; False when none is due."""
    now = now or timezone.now()
    row = _claim(now)
    if row is None:
        return False
    token = request_id.set(f"{row.request_id or 'job'}.{row.pk}")
    try:
        with transaction.atomic():
            # The row lock is the sign of life: it falls with the worker, and another worker may try again.
            # Not SKIP LOCKED: another runner's look for due jobs holds the row for a moment, and we would lose it.
            claimed = (
                Job.objects.select_for_update()
                .filter(pk=row.pk, state=Job.State.QUEUED, attempts=row.attempts + 1)
                .first()
            )
            if claimed is not None:
                _run(claimed)
    finally:
        request_id.reset(token)
    return True


def _claim(now: datetime) -> Job | None:
    """Counts the attempt and commits it before the work: a job that kills its worker still runs out of
    attempts."""
    due = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now).order_by("run_at", "id")
    while True:
        with transaction.atomic():
            row = due.select_for_update(skip_locked=True).first()
            if row is None:
                return None
            if row.attempts < row.max_attempts:
                next_try = now + delay(row.attempts)
                Job.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, run_at=next_try)
                return row
            row.state, row.finished_at = Job.State.FAILED, now
            row.last_error = row.last_error or "The worker died each time."
            row.save(update_fields=["state", "finished_at", "last_error"])
            log.error("jobs.failed", extra={"job": row.pk, "kind": row.kind, "attempts": row.attempts})


def delay(attempts: int) -> timedelta:
    """Until the next try, after ``attempts`` earlier ones: 10 s, 20 s, 40 s … one hour."""
    return min(FIRST_DELAY * 2**attempts, LONGEST_DELAY)


def _run(row: Job) -> None:
    try:
        with transaction.atomic():
            _handler(row.kind)(row.payload)
    except Exception as error:
        row.last_error = f"{type(error).__name__}: {error}".replace("\0", "")[:2000]
        if row.attempts >= row.max_attempts:
            row.state, row.finished_at = Job.State.FAILED, timezone.now()
        log.exception("jobs.attempt_failed", extra={"job": row.pk, "kind": row.kind})
    else:
        row.state, row.finished_at, row.last_error = Job.State.DONE, timezone.now(), ""
    row.save(update_fields=["state", "finished_at", "last_error"])


def _handler(kind: str) -> Handler:
    """An unknown kind is retried like any failure: during a deployment a newer release may have queued it."""
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"This release has no handler for {kind!r}.") from None


def queue_again(*, job_id: int, now: datetime, state: str = Job.State.FAILED) -> bool:
    """Gives a failed job (or one of another ``state``) a fresh set of attempts; False when it is not failed."""
    changed = Job.objects.filter(pk=job_id, state=state).update(
        state=Job.State.QUEUED, attempts=0, run_at=now, finished_at=None
    )
    if changed:
        wake_on_commit()
    return bool(changed)


def tidy(*, now: datetime, batch: int = 5000) -> int:
    """Removes done jobs after thirty days, a bounded number per call. Failed ones stay until staff have
    looked."""
    old = Job.objects.filter(state=Job.State.DONE, finished_at__lt=now - timedelta(days=30)).order_by("id")
    return Job.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:batch])).delete()[0]
