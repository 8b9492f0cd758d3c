"""The owner of the test's tables. Tests run as the application's role; what only an owner may do is done here."""

import time

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.pq import TransactionStatus

from portal.core import roles

_connection = None
_rows: dict[str, list[bytes]] = {}  # of each table
MUCH = 1 << 18  # bytes


def params():
    """Of a connection of psycopg to the test's database."""
    who = {"USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    known = {word: settings.DATABASE_OWNER[key] for key, word in who.items() if settings.DATABASE_OWNER[key]}
    return known | {"dbname": connection.settings_dict["NAME"]}


def execute(statement, values=None):
    """Committed at once, on a connection of its own."""
    global _connection
    if _connection is None or _connection.closed:
        # What a lost lock holds up is red, not a run that hangs.
        _connection = psycopg.connect(**params(), autocommit=True, options="-c lock_timeout=30s")
    return _connection.execute(statement, values)


def disconnect():
    if _connection is not None:
        _connection.close()


BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""


def others_have_ended(patience=10):
    """Waits for requests that a closed browser has left: what deletes and what reads would lock each other out.
    Whoever does not end, as what hangs in a lost lock, is stopped, and the next test finds its tables empty."""
    if connection.connection and connection.connection.info.transaction_status == TransactionStatus.ACTIVE:
        connection.close()  # the time limit of a test has left it in the middle of a statement
    deadline = time.monotonic() + patience
    while others_busy() and time.monotonic() < deadline:
        time.sleep(0.02)
    if others_busy():
        with connection.cursor() as cursor:
            cursor.execute(BUSY.replace("count(*)", "count(pg_terminate_backend(pid, 1000))"))


def others_busy():
    """How many other sessions of the application, whose states only itself may see, have something in hand."""
    with connection.cursor() as cursor:
        cursor.execute(BUSY)
        return cursor.fetchone()[0]


def remember():
    """What each test finds in the tables: rows of the migrations."""
    tables = execute(
        "SELECT quote_ident(relname) FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relname <> 'django_migrations' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    _rows.update({table: rows_of(table) for (table,) in tables})


def rows_of(table):
    with _connection.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
        return sorted(b"".join(copy).splitlines(keepends=True))


def restore():
    """The tables as they were when the database was made, past the triggers that refuse it. Rows are deleted, for to
    truncate fifty tables takes longer than most tests; what many rows leave behind is vacuumed."""
    others_have_ended()
    have_rows = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in _rows)
    used = {table for (table,) in execute(have_rows)} | {table for table, rows in _rows.items() if rows}
    execute("SET session_replication_role = replica")
    for table in used:
        if _rows[table] and rows_of(table) == _rows[table]:
            continue
        execute(f"DELETE FROM {table}")
        if execute("SELECT pg_relation_size(%s::regclass) > %s", [table, MUCH]).fetchone()[0]:
            execute(f"VACUUM {table}")
        if _rows[table]:
            with _connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(b"".join(_rows[table]))
    execute("SET session_replication_role = origin")


@pytest.fixture(scope="module")
def as_owner(django_db_setup):
    """A module whose tests are the owner: rules that hold even for it."""
    with roles.connected_as(connection, settings.DATABASE_OWNER):
        yield
