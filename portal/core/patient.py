"""Transactions of machines' calls that may wait for one another longer than a call that is being set up."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

LOCK_TIMEOUT, STATEMENT_TIMEOUT = "3s", "8s"
PATIENCE = 10.0  # seconds for the server to answer at all


@contextmanager
def patient_transaction() -> Iterator[None]:
    """What is inside raises OperationalError when it takes too long: nothing is stored then."""
    with connection.patience(PATIENCE), transaction.atomic():  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
                [LOCK_TIMEOUT, STATEMENT_TIMEOUT],
            )
        yield
