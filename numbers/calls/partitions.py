"""The months of `numbers_callrecord`: made ahead, made on the spot where one is missing, and dropped when they are old.

The application may do neither by itself; two functions of the tables' owner do it for it
(numbers/migrations/0018_call_records.py).
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection

MONTHS_AHEAD = 3


def month_of(moment: datetime | date, plus: int = 0) -> date:
    """The first day of its month, or of another that many months later; ``moment`` in UTC."""
    months = moment.year * 12 + moment.month - 1 + plus
    return date(months // 12, months % 12 + 1, 1)


def add_months(months: Iterable[date]) -> int:
    """Makes those that are missing, whoever else does so at the same moment; how many were made here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT call_record_add_months(%s::date[])", [sorted(set(months))])
        return int(cursor.fetchone()[0])


def drop_months(before: date) -> list[str]:
    """Drops each whole month before that day's, in a transaction of its own; their names, oldest first.

    Raises OperationalError where somebody reads for longer than 200 ms. The months that are left are dropped next time.
    """
    dropped: list[str] = []
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT call_record_drop_month(%s)", [before])
            name = cursor.fetchone()[0]
        if name is None:
            return dropped
        dropped.append(name)
