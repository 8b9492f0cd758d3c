"""The table of calls, looked at from below."""

from django.db import connection


def months():
    """Names of the months that there are, without what stands before each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'numbers_callrecord'::regclass ORDER BY 1"
        )
        return [name.removeprefix("numbers_callrecord_") for (name,) in cursor.fetchall()]
