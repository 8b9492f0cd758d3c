"""Which numbers were taken a moment ago, for search pages that are open: docs/adr/0012-live-feed.md.

A purchase publishes nothing, because it must stay fast. Each web process reads the newest leases and orders by primary
key, at most every ``FRESH_SECONDS`` and only while pages ask; all its pages share what it read.
"""

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.db import connection

from numbers.inventory.models import Number

# A page that asks every 1.2 s learns of a sale after 1.6 s at the latest.
FRESH_SECONDS = 0.4
# A number is in the feed for so long after a process first saw it taken. Ids become visible in another order than they
# were given: a row that is committed up to so long after a later one is not overlooked.
WINDOW_SECONDS = 15.0
INITIAL_ROWS, MAX_ROWS = 100, 500  # rows of each table

# Above the mark, or the newest few where there is no mark yet. Backwards along the primary keys. In SQL, because this
# room may not know leases and orders.
NEWEST_SQL = """
(SELECT 'lease', l.id, l.project_id, n.e164, n.status
 FROM numbers_lease l JOIN numbers_number n ON n.id = l.number_id
 WHERE l.id > coalesce(%(lease)s::bigint, (SELECT max(id) - %(at_start)s FROM numbers_lease), 0)
 ORDER BY l.id DESC LIMIT %(most)s)
UNION ALL
(SELECT 'order', o.id, o.project_id, n.e164, n.status
 FROM numbers_order o JOIN numbers_number n ON n.id = o.number_id
 WHERE o.id > coalesce(%(order)s::bigint, (SELECT max(id) - %(at_start)s FROM numbers_order), 0)
 ORDER BY o.id DESC LIMIT %(most)s)
"""


@dataclass(frozen=True, slots=True)
class TakenNumbers:
    """Numbers that somebody has just taken, as a page gets them."""

    by_project: dict[int, tuple[str, ...]]
    body: bytes  # JSON for a page of a project that took none of them
    etag: str

    def for_project(self, project_id: int) -> "TakenNumbers":
        """The same, with the project's own ones apart. Who took the others is nobody's business."""
        yours = self.by_project.get(project_id)
        return _taken_numbers(self.by_project, yours) if yours else self


def _taken_numbers(by_project: dict[int, tuple[str, ...]], yours: tuple[str, ...] = ()) -> TakenNumbers:
    theirs = sorted({e164 for taken in by_project.values() for e164 in taken} - set(yours))
    body = json.dumps({"taken": theirs, "yours": sorted(yours)}, separators=(",", ":")).encode()
    return TakenNumbers(by_project, body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


@dataclass(frozen=True, slots=True)
class _HighestIds:
    """The highest ids that were seen until then; None while a table was empty."""

    at: float
    lease: int | None = None
    order: int | None = None


_UNREAD = _HighestIds(float("-inf"))


class TakenNumbersFeed:
    """One per process, shared by its threads. ``clock`` gives seconds that never run backwards."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self.forget()

    def forget(self) -> None:
        self._refreshed_at = float("-inf")
        self._history = deque([_UNREAD])
        self._latest = _taken_numbers({})

    def latest(self) -> TakenNumbers:
        """Not older than ``FRESH_SECONDS``, unless another thread is just reading. Raises what the database raises."""
        if self._clock() - self._refreshed_at >= FRESH_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._refresh()
            finally:
                self._lock.release()
        return self._latest

    def _refresh(self) -> None:
        now = self._clock()
        # Also when it fails: a database in trouble is not queried by every poll.
        self._refreshed_at = now
        # The last mark of more than a window ago: rows below it have been in the feed for that long.
        while len(self._history) > 1 and self._history[1].at <= now - WINDOW_SECONDS:
            self._history.popleft()
        low, top = self._history[0], self._history[-1]
        with connection.cursor() as cursor:
            cursor.execute(
                NEWEST_SQL, {"lease": low.lease, "order": low.order, "at_start": INITIAL_ROWS, "most": MAX_ROWS}
            )
            rows = cursor.fetchall()
        ids: dict[str, int | None] = {"lease": top.lease, "order": top.order}
        for kind, pk, *_ in rows:
            ids[kind] = max(ids[kind] or 0, pk)
        self._history.append(_HighestIds(now, ids["lease"], ids["order"]))
        taken: dict[int, set[str]] = {}
        for _, _, project_id, e164, status in rows:
            # Available again: an order was cancelled, or a quarantine is over.
            if status != Number.Status.AVAILABLE:
                taken.setdefault(project_id, set()).add(e164)
        self._latest = _taken_numbers({project_id: tuple(sorted(found)) for project_id, found in taken.items()})


TAKEN_NUMBERS_FEED = TakenNumbersFeed()
