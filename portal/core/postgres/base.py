"""Django's PostgreSQL, for servers that restart, fail over or freeze under a process that keeps its connection.

- A connection that was ended while it lay idle is replaced before the next statement, where that goes unnoticed:
  outside a transaction, with nothing sent.
- A server that is connected and says nothing is given up after ``PATIENCE`` seconds (``DATABASES``; None = never);
  its own ``statement_timeout`` cannot help when it is the server that hangs.
"""

import logging
import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from psycopg.pq import TransactionStatus

log = logging.getLogger(__name__)


class Connection(psycopg.Connection[Any]):
    patience: float | None = None  # seconds for each exchange with the server

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # an answer may still come, to nobody
                self.pgconn.finish()
            raise

    @property
    def hung_up(self) -> bool:
        """An idle server has nothing to say but goodbye. Costs three microseconds."""
        if self.closed:
            return True
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    connection: Connection | None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        connection = Connection.connect(**conn_params)
        connection.patience = self.settings_dict.get("PATIENCE")
        return connection

    @contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        """Within the block the server may take so long for each answer, and not longer."""
        self.ensure_connection()
        connection: Any = self.connection
        before, connection.patience = connection.patience, seconds
        try:
            yield
        finally:
            connection.patience = before

    def planned_cursor(self) -> Any:
        """For a large statement that is run all the time: its values are sent beside it, so that the server plans it
        once for each connection, and not with every execution."""
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]
            return self._prepare_cursor(cursor)  # type: ignore[attr-defined]

    def close_if_unusable_or_obsolete(self) -> None:
        """At both ends of a request, outside of everything that answers errors: a connection that was ended is only let
        go, and its replacement is the first statement's."""
        if self.connection is not None and not self.in_atomic_block and self.connection.hung_up:
            self.close()
        super().close_if_unusable_or_obsolete()

    def ensure_connection(self) -> None:
        if self.connection is not None and not self.in_atomic_block and self.connection.hung_up:
            log.info("database.reconnected")
            self.close()
        super().ensure_connection()
