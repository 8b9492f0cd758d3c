"""Real Celery workers on the test's database and broker, and ways to stop them at a chosen step."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from portal.celery import app
from portal.jobs.models import Job
from portal.jobs.queues import QUEUES
from sandbox.servers import end_with_parent
from tests.support import table_owner

PATIENCE = 40  # seconds; what takes longer hangs, and the test fails


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.02)
    return found


def swept_until(condition, what):
    """The same beside beat, which sweeps again and again (here every second): a wake-up may die with its worker."""
    last = [float("-inf")]

    def swept():
        if time.monotonic() - last[0] >= 1:
            sweep()
            last[0] = time.monotonic()
        return condition()

    return until(swept, what)


def worker_env(**changes):
    """The environment of a process that shares the test's database and broker; ``changes`` replace parts of it."""
    database = connection.settings_dict
    return (
        os.environ
        | {
            "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
            "LOG_LEVEL": "INFO",
            "SITE_URL": "http://127.0.0.1:8000",
        }
        | changes
    )


@contextmanager
def running_worker(env, log, *arguments):
    """A worker as in production, of all queues and with one process unless told otherwise. Killed at the end."""
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "portal.work",
                *(arguments or [*QUEUES, "--processes", "1"]),
                "--include=tests.jobs.handlers",
            ],
            env=env,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    """``kill -9`` of the worker and of its processes."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def sweep(broker=None):
    """What beat does every ten seconds; ``broker`` if it is not the test's own."""
    with app.connection_for_write(broker) as wire:
        app.send_task("portal.jobs.sweep", connection=wire)


def make_due():
    """Jobs whose next try is some seconds or minutes away. Waits for those that are just being done."""
    Job.objects.filter(state=Job.State.QUEUED).update(run_at=timezone.now())


@contextmanager
def held(statement, *values) -> Iterator[psycopg.Connection]:
    """Runs ``statement`` as the owner and keeps what it locked until the end of the block."""
    with psycopg.connect(**table_owner.params()) as other:
        other.execute(statement, values)
        yield other
        other.rollback()


def waiting_for(other):
    """(pid, statement) of whoever waits for what ``other`` holds; None as long as nobody does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, query FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid)) AND datname = %s",
            [other.info.backend_pid, connection.settings_dict["NAME"]],
        )
        return cursor.fetchone()
