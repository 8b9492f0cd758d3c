"""Who may touch a project's months: one at a time.

Lock order of this room: the project's turn (an advisory lock), numbers, leases, ledger accounts. Every other service
takes a lease before the wallet, so claiming work by the wallet could deadlock with them; a turn is a lock that they do
not know. Whoever changes several leases of a project in one transaction takes its turn first.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.backends.utils import CursorWrapper

# A lock that somebody forgot to give back stops one project until the next run, not everybody's months.
PATIENCE = "10s"
_SET_PATIENCE = """
SELECT set_config('lock_timeout', (1000 * extract(epoch FROM least(nullif(own, interval '0'), ours)))::int::text, true)
FROM (SELECT current_setting('lock_timeout')::interval, %s::interval) AS given (own, ours)
"""
_KEY = "hashtextextended('numbers.renewals:' || id, 0)"


def try_turns(project_ids: Sequence[int]) -> list[int]:
    """Those whose turn nobody has; it is ours until the end of the transaction."""
    with connection.cursor() as cursor:
        _patience(cursor, PATIENCE)
        cursor.execute(
            f"SELECT id FROM unnest(%s::bigint[]) AS id WHERE pg_try_advisory_xact_lock({_KEY})",  # noqa: S608
            [sorted(project_ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def await_turn(project_id: int, *, patience: str = "") -> None:
    """Waits for the turn; it is ours until the end of the transaction.

    Raises OperationalError after ``patience``, ``PATIENCE`` if not given.
    """
    with connection.cursor() as cursor:
        _patience(cursor, patience or PATIENCE)
        cursor.execute(f"SELECT pg_advisory_xact_lock({_KEY}) FROM (SELECT %s::bigint AS id) p", [project_id])  # noqa: S608


def _patience(cursor: CursorWrapper, patience: str) -> None:
    """For each lock of this transaction. A process that allows itself less (one that serves people) keeps to that."""
    cursor.execute(_SET_PATIENCE, [patience])
