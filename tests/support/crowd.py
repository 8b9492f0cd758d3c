"""Many at the same moment: threads with database connections of their own, and nobody who hangs keeps the run."""

import sys
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections

from portal.core.errors import DomainError

PATIENCE = 30  # seconds; what takes longer hangs, and the test fails

# Of the sessions that this very connection holds up: other tests' databases are on the same server.
_WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


class Beside:
    """An act in a thread of its own, which has begun. It dies with the process: whoever hangs stops no run."""

    def __init__(self, act: Callable[[], Any], start: Barrier | None = None, *, connected: bool = True) -> None:
        self._act, self._start, self._connected = act, start, connected
        self._result: Any = None
        self._session: int | None = None  # PostgreSQL's process, where one is known
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            if self._connected:
                connections["default"].ensure_connection()
                self._session = connections["default"].connection.info.backend_pid
            if self._start is not None:
                self._start.wait(PATIENCE)
            self._result = self._act()
        except Exception as error:
            self._result = error
        finally:
            connections.close_all()

    @property
    def has_ended(self) -> bool:
        return not self._thread.is_alive()

    def result(self, patience: float = PATIENCE) -> Any:
        """What the act returned or raised; an exception is a result like any other. Fails the test when it hangs."""
        self._thread.join(patience)
        if not self.has_ended:
            hanging([self])
        return self._result

    def where(self) -> str:
        frame = sys._current_frames().get(self._thread.ident or 0)
        ours = [line for line in traceback.format_stack(frame) if "/site-packages/" not in line] if frame else []
        return "".join(ours[-4:]) or "It has just ended.\n"


def hanging(acts: list[Beside]) -> None:
    """Says where they hang, takes their locks from them, and fails the test."""
    places = "\n".join(act.where() for act in acts)
    with connections["default"].temporary_connection() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid",
            [[act._session for act in acts if act._session is not None]],
        )
    for act in acts:
        act._thread.join(1)
    pytest.fail(f"{len(acts)} of the acts have not ended in time:\n{places}", pytrace=False)


def at_once(acts: Iterable[Callable[[], Any]], *, connected: bool = True, patience: float = PATIENCE) -> list[Any]:
    """Runs every act in its own thread, all released together; an exception is a result like any other.

    ``connected`` opens each one's database connection before the start. Not for acts that go over HTTP: the
    server's threads need the connections.
    """
    acts = list(acts)
    start = Barrier(len(acts))
    crowd = [Beside(act, start, connected=connected) for act in acts]
    deadline = time.monotonic() + patience
    for each in crowd:
        each._thread.join(max(deadline - time.monotonic(), 0))
    if stuck := [each for each in crowd if not each.has_ended]:
        start.abort()
        hanging(stuck)
    return [each.result() for each in crowd]


def wait_until_it_waits(act: Beside) -> None:
    """Until it stands before a lock that this very connection holds. Fails when it ends without having waited."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            if cursor.fetchone():
                return
        assert not act.has_ended, f"It did not wait for the lock: {act.result()!r}"
    hanging([act])


def share(count: int, work: Callable[[Any], Any], items: Iterable[Any], *, patience: float = PATIENCE) -> list[Any]:
    """``work`` on each item by ``count`` threads, results in the order of the items. Raises what a work raised."""
    items = list(items)
    waiting, results = deque(enumerate(items)), [None] * len(items)

    def take() -> None:
        while True:
            try:
                place, item = waiting.popleft()
            except IndexError:
                return
            results[place] = work(item)

    for failure in at_once([take] * min(count, len(items)), patience=patience):
        if failure is not None:
            raise failure
    return results


def tally(results: Iterable[Any]) -> Counter[str]:
    """How often each outcome: a refusal counts by its code, anything else by its type."""
    return Counter(result.code if isinstance(result, DomainError) else type(result).__name__ for result in results)
