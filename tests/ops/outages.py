"""Parts of the installation that are away, on real engines."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.cache import cache
from django.db import connections, transaction


@contextmanager
def database(**changes: object) -> Iterator[None]:
    """This thread's connection with other settings, from its next statement on. Not inside a transaction."""
    connection = connections["default"]
    usual = connection.settings_dict
    connection.close()
    connection.settings_dict = usual | changes
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = usual


def read_only():
    """As a standby or a database under maintenance: it reads and takes no writes."""
    return _option("default_transaction_read_only=on")


def dead():
    return database(HOST="/nowhere")


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that is there and does nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def no_room_to_sort() -> Iterator[None]:
    """This connection's server gets "No space left on device" for each temporary file, as on a disk that is full."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    folder = Path(f"/proc/{pid}/cwd").resolve() / "base" / "pgsql_tmp"
    folder.mkdir(mode=0o700, exist_ok=True)
    files = [folder / f"pgsql_tmp{pid}.{number}" for number in range(100)]
    for file in files:
        file.symlink_to("/dev/full")
    try:
        yield
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def of_class(name):
    """As a process of this class would connect."""
    from portal.core.databases import database as configured

    made = configured("postgresql://nobody@/nothing", name)
    return database(OPTIONS=made["OPTIONS"], PATIENCE=made["PATIENCE"])


def _option(text):
    options = connections["default"].settings_dict["OPTIONS"]
    return database(OPTIONS=options | {"options": f"-c {text}"})


def lose_cache(settings, location="redis://127.0.0.1:1/0"):
    """The cache is elsewhere from now on, by default where nobody is."""
    cache.clear()
    settings.CACHES = {alias: values | {"LOCATION": location} for alias, values in settings.CACHES.items()}


@contextmanager
def read_only_transaction() -> Iterator[None]:
    """Like :func:`read_only`, for a test that is one transaction."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        yield
        transaction.set_rollback(True)
