"""Constants of ours inside SQL that is put together when a module is imported, and statements that go on until
nothing is left."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import connection


def literals(*values: str) -> str:
    """``'active', 'past_due'``, for ``status IN (…)``. Raises ValueError for anything but plain words."""
    if not all(re.fullmatch(r"[a-z_]*", value) for value in values):
        raise ValueError(f"Not constants of ours: {values}.")
    return ", ".join(f"'{value}'" for value in values)


def in_chunks(statement: str, values: Sequence[datetime], size: int) -> int:
    """Runs a statement that ends with ``LIMIT %s`` of its rows until it finds fewer than ``size``; how many in all."""
    done = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [*values, size])
            done += cursor.rowcount
            if cursor.rowcount < size:
                return done
