"""Queue a job with the change that causes it, and run jobs.

``enqueue`` writes the row in the caller's transaction and, after the commit, sends a wake-up: the Celery task of the
job's kind, to the job's queue. The task runs every due row of its kind and queue. A wake-up may get lost (broker down,
worker killed): every queue is swept for rows that are due. Handlers are idempotent; a handler whose work is only in
the database runs in the same transaction that marks the job done, so its effect happens exactly once.
"""

import functools
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.cache import caches
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from portal.celery import app
from portal.core.breaker import ServiceUnavailable
from portal.core.logging import scrub
from portal.core.request_id import request_id
from portal.jobs.models import Job
from portal.jobs.queues import DEFAULT, QUEUES, broker_name

log = logging.getLogger(__name__)
Handler = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Lane:
    """The jobs of one kind in one queue: what one wake-up is about."""

    kind: str
    queue: str


handlers: dict[str, Handler] = {}
lanes: dict[str, Lane] = {}  # by kind: where a new job goes

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=10), timedelta(hours=1)
# One task takes up further jobs for so long before it lets other kinds of its queue have their turn.
BUDGET_SECONDS = 2
# A wake-up that got lost keeps others of its kind back for no longer than this.
WAKE_SECONDS = 2
# For so long after it saw the mark, a process trusts that a worker is about to look; the worker waits for so long.
TRUST_SECONDS = 0.05


def job(kind: str, *, queue: str = DEFAULT) -> Callable[[Handler], Handler]:
    """Registers the handler of a kind of job; put it in a ``handlers.py`` that the app's ``ready()`` imports.

    ``queue`` is one of ``portal.jobs.queues``: whose workers do this kind of work. The kind is a Celery task too.
    """
    if queue not in QUEUES:
        raise ValueError(f"There is no queue {queue!r} for {kind!r}; there are {', '.join(QUEUES)}.")

    def register(handler: Handler) -> Handler:
        if handlers.setdefault(kind, handler) is not handler:
            raise ValueError(f"There is a handler for {kind!r} already: {handlers[kind].__module__}.")
        lanes[kind] = Lane(kind, queue)
        limits = QUEUES[queue]

        @shared_task(name=kind, soft_time_limit=limits.soft, time_limit=limits.hard)
        def run(queue: str = queue) -> None:
            answer(Lane(kind, queue))

        return handler

    return register


def add_lane(kind: str, queue: str) -> None:
    """For a task of a room that keeps rows of its own: ``wake`` finds its queue. It calls :func:`awake` itself."""
    lanes[kind] = Lane(kind, queue)


def lane_of(kind: str) -> Lane:
    return lanes.get(kind) or Lane(kind, DEFAULT)


def enqueue(kind: str, payload: dict[str, Any], *, key: str | None = None, run_at: datetime | None = None) -> None:
    """Part of the caller's transaction. With a ``key`` that was used before, nothing is queued."""
    row = Job(
        kind=kind,
        queue=lane_of(kind).queue,
        payload=payload,
        key=key,
        run_at=run_at or timezone.now(),
        request_id=request_id.get(),
    )
    # ON CONFLICT DO NOTHING waits for a transaction that is just inserting the same key.
    Job.objects.bulk_create([row], ignore_conflicts=key is not None)
    if run_at is None:
        wake_on_commit(kind)


def wake_on_commit(kind: str) -> None:
    """One wake-up per transaction and kind, however many jobs it queues."""
    waker = _waker(lane_of(kind))
    if not any(entry[1] is waker for entry in connection.run_on_commit):
        transaction.on_commit(waker, robust=True)


@functools.cache
def _waker(lane: Lane) -> Callable[[], None]:
    """The same function for the same lane, so that it is found among those that wait for the commit."""

    def waker() -> None:
        wake(lane)

    return waker


_seen: dict[Lane, float] = {}  # monotonic time at which this process last saw or set the lane's mark


def _mark(lane: Lane) -> str:
    return f"jobs.wake.{lane.queue}.{lane.kind}"


def forget() -> None:
    """What this process has seen of the marks, for tests."""
    _seen.clear()


def wake(lane: Lane) -> None:
    """Sends a wake-up unless one is on its way: a task costs half of what a purchase costs, asking a tenth.

    The worker takes the mark away before it looks, so what was committed before this call is seen by that look;
    :func:`answer` waits for those who did not ask.
    """
    now = time.monotonic()  # before asking: the mark may be taken away right after
    if now - _seen.get(lane, -TRUST_SECONDS) < TRUST_SECONDS:
        return
    try:
        if caches["shared"].add(_mark(lane), 1, WAKE_SECONDS):
            send(lane.kind, lane.queue, lane.queue)
        _seen[lane] = now
    except Exception as error:  # the broker is down: the queue's next sweep will find the row
        log.warning("jobs.wake_failed", extra={"error": type(error).__name__})


def send(task: str, queue: str, *arguments: str) -> None:
    """Sends a Celery task to a queue of ours. Raises what the broker's client raises."""
    app.send_task(task, arguments, queue=broker_name(settings.QUEUE_PREFIX, queue), retry=False, expires=60)


def answer(lane: Lane) -> None:
    """What a wake-up starts. What is committed on trust (see ``wake``) is there when the only look begins: a second
    one would come after the job that the first one found, however long that takes."""
    awake(lane)
    time.sleep(TRUST_SECONDS)
    run_due_jobs(lane, until=time.monotonic() + BUDGET_SECONDS)


def awake(lane: Lane) -> None:
    """A worker is about to look; from now on a new wake-up is needed."""
    try:
        caches["shared"].delete(_mark(lane))
    except Exception as error:  # the mark goes by itself
        log.warning("jobs.wake_failed", extra={"error": type(error).__name__})


def sweep(queue: str) -> None:
    """Wakes the queue's workers for each kind of which something is due, and runs nothing itself."""
    due = Job.objects.filter(state=Job.State.QUEUED, queue=queue, run_at__lte=timezone.now())
    for kind in list(due.order_by("kind").values_list("kind", flat=True).distinct()):
        if kind in handlers:
            wake(Lane(kind, queue))
        else:  # a newer release queued it and will run it; meanwhile staff see why it waits
            due.filter(kind=kind, last_error="").update(last_error=_unknown(kind))


def run_due_jobs(lane: Lane | None = None, *, limit: int = 1000, until: float = math.inf) -> int:
    """Runs what is due in the lane (None: in all of them), one job at a time. Returns how many ran.

    Several workers share the work (SKIP LOCKED), and each wakes another when there is more. Stops after ``limit`` jobs
    or at ``until`` (monotonic seconds; between two jobs) and then wakes a successor.
    """
    done = 0
    while done < limit and time.monotonic() < until:
        if not run_next(lane=lane):
            return done
        done += 1
    if lane is not None:
        wake(lane)
    return done


def run_next(now: datetime | None = None, lane: Lane | None = None) -> bool:
    """Claims and runs one due job; False when none is due."""
    now = now or timezone.now()
    row, more = claim(now, lane)
    if row is None:
        return False
    if more and lane is not None:
        wake(lane)
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


def claim(now: datetime, lane: Lane | None) -> tuple[Job | None, bool]:
    """A due job, and whether there is another one that nobody runs.

    Counts the attempt and commits it before the work: a job that kills its worker still runs out of attempts.
    """
    due = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now).order_by("run_at", "id")
    if lane is not None:
        due = due.filter(kind=lane.kind, queue=lane.queue)
    while True:
        with transaction.atomic():
            # Two: who passes by meanwhile does not see the second, but is woken for it after this commit.
            rows = list(due.select_for_update(skip_locked=True)[:2])
            if not rows:
                return None, False
            row = rows[0]
            if row.attempts < row.max_attempts:
                next_try = now + delay(row.attempts)
                Job.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, run_at=next_try)
                return row, len(rows) > 1
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
    except ServiceUnavailable as away:
        # Put off, not tried: the attempt that was counted before the work is given back.
        row.attempts, row.run_at, row.last_error = max(row.attempts - 1, 0), away.retry_at, str(away)
        log.info("jobs.put_off", extra={"job": row.pk, "kind": row.kind, "service": away.service})
    except Exception as error:
        row.last_error = scrub(f"{type(error).__name__}: {error}").replace("\0", "")[:2000]
        if row.attempts >= row.max_attempts:
            row.state, row.finished_at = Job.State.FAILED, timezone.now()
        log.exception("jobs.attempt_failed", extra={"job": row.pk, "kind": row.kind})
    else:
        row.state, row.finished_at, row.last_error = Job.State.DONE, timezone.now(), ""
    row.save(update_fields=["state", "finished_at", "last_error", "attempts", "run_at"])


def _handler(kind: str) -> Handler:
    """An unknown kind is retried like any failure: during a deployment a newer release may have queued it."""
    try:
        return handlers[kind]
    except KeyError:
        raise LookupError(_unknown(kind)) from None


def _unknown(kind: str) -> str:
    return f"This release has no handler for {kind!r}."


def last_error(key: str) -> str:
    """Why the last try of the job with this key failed; blank when it did not, or has not been tried."""
    return Job.objects.filter(key=key).values_list("last_error", flat=True).first() or ""


def run_now(key: str) -> None:
    """Lets a queued job not wait for its next try. One that is running just now is left alone, and not waited for."""
    with transaction.atomic():
        waiting = Job.objects.filter(key=key, state=Job.State.QUEUED, run_at__gt=timezone.now())
        if row := waiting.select_for_update(skip_locked=True).first():
            Job.objects.filter(pk=row.pk).update(run_at=timezone.now())
            wake_on_commit(row.kind)


def queue_again(*, job_id: int, now: datetime, state: str = Job.State.FAILED) -> bool:
    """Gives a failed job (or one of another ``state``) a fresh set of attempts; False when it is not failed."""
    row = Job.objects.filter(pk=job_id, state=state)
    kind = row.values_list("kind", flat=True).first()
    if kind is None or not row.update(
        state=Job.State.QUEUED, queue=lane_of(kind).queue, attempts=0, run_at=now, finished_at=None
    ):
        return False
    wake_on_commit(kind)
    return True


def tidy(*, now: datetime, batch: int = 5000) -> int:
    """Removes done jobs after thirty days, a bounded number per call. Failed ones stay until staff have
    looked."""
    old = Job.objects.filter(state=Job.State.DONE, finished_at__lt=now - timedelta(days=30)).order_by("id")
    return Job.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:batch])).delete()[0]
