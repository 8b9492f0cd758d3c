"""Many at the same moment: threads with database connections of their own."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

PATIENCE = 60  # seconds; a crowd that takes longer hangs, and the test fails


def at_once(acts: Iterable[Callable[[], Any]], *, connected: bool = True) -> list[Any]:
    """Runs every act in its own thread, all released together; an exception is a result like any other.

    ``connected`` opens each one's database connection before the start. Not for acts that go over HTTP: the
    server's threads need the connections.
    """
    acts = list(acts)
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            if connected:
                connections["default"].ensure_connection()
            start.wait(PATIENCE)
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts, timeout=PATIENCE))
