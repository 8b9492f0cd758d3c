"""A file by which a health check sees that a worker does its work, without asking broker or network.

The worker's event loop touches it. It gets old when the loop hangs or has no broker, and when a task has outlived
every limit: a thread that hangs cannot be killed, so somebody has to restart the worker.
"""

import time
from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.worker import state
from click import Option
from django.conf import settings

from portal.celery import app

EVERY_SECONDS = 10.0


def stuck(now: float) -> bool:
    """Whether a task runs that should have been stopped some time ago. ``now``: seconds since the epoch."""
    limit = settings.CELERY_TASK_TIME_LIMIT + 60
    return any(now - (request.time_start or now) > limit for request in list(state.active_requests))


class Heartbeat(bootsteps.StartStopStep):
    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, worker: Any, alive_file: str | None = None, **options: Any) -> None:
        self.path = Path(alive_file) if alive_file else None
        self.entry: Any = None
        super().__init__(worker, **options)

    def start(self, worker: Any) -> None:
        if self.path is not None:
            self.touch()  # a health check need not wait for the first round
            self.entry = worker.timer.call_repeatedly(EVERY_SECONDS, self.touch)

    def touch(self) -> None:
        if self.path is not None and not stuck(time.time()):
            self.path.touch()

    def stop(self, worker: Any) -> None:
        if self.entry is not None:
            self.entry.cancel()


app.steps["worker"].add(Heartbeat)
app.user_options["worker"].add(Option(("--alive-file",), help="touched every ten seconds"))
