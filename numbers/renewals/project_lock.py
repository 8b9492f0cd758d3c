"""The lock of a project's months: one process charges them, or changes their order, at a time.

Lock order of this room: the project (an advisory lock), numbers, leases, ledger accounts. Every other service locks a
lease before the wallet, so claiming work by the wallet could deadlock with them; the advisory lock is one that they do
not use. Whoever changes several leases of a project in one transaction locks the project first.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.backends.utils import CursorWrapper

# A lock that is never released stops one project until the next run, not everybody's months.
LOCK_TIMEOUT = "10s"
_SET_TIMEOUT = """
SELECT set_config('lock_timeout', (1000 * extract(epoch FROM least(nullif(own, interval '0'), ours)))::int::text, true)
FROM (SELECT current_setting('lock_timeout')::interval, %s::interval) AS given (own, ours)
"""
_KEY = "hashtextextended('numbers.renewals:' || id, 0)"


def try_lock(project_ids: Sequence[int]) -> list[int]:
    """Locks those projects that nobody has locked, until the end of the transaction, and returns their ids."""
    with connection.cursor() as cursor:
        _set_timeout(cursor, LOCK_TIMEOUT)
        cursor.execute(
            f"SELECT id FROM unnest(%s::bigint[]) AS id WHERE pg_try_advisory_xact_lock({_KEY})",  # noqa: S608
            [sorted(project_ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def wait_for_lock(project_id: int, *, timeout: str = "") -> None:
    """Locks the project until the end of the transaction.

    Raises OperationalError after ``timeout``, ``LOCK_TIMEOUT`` if not given.
    """
    with connection.cursor() as cursor:
        _set_timeout(cursor, timeout or LOCK_TIMEOUT)
        cursor.execute(f"SELECT pg_advisory_xact_lock({_KEY}) FROM (SELECT %s::bigint AS id) p", [project_id])  # noqa: S608


def _set_timeout(cursor: CursorWrapper, timeout: str) -> None:
    """``lock_timeout`` of this transaction, unless the process has a shorter one, as those have that serve people."""
    cursor.execute(_SET_TIMEOUT, [timeout])
