"""Tables that are partitioned by month of a time in UTC: months are made ahead, made on the spot where one is missing,
and dropped when they are old.

The application may do neither by itself. For each such table two functions of the tables' owner do it, made by its
migration: ``<functions>_add_months(date[])`` and ``<functions>_drop_month(date)``
(docs/adr/0031-call-records-by-month.md).
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import OperationalError, connection

log = logging.getLogger(__name__)
MONTHS_AHEAD = 3


def month_of(moment: datetime | date, plus: int = 0) -> date:
    """The first day of its month, or of another that many months later; ``moment`` in UTC."""
    months = moment.year * 12 + moment.month - 1 + plus
    return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class MonthlyTable:
    """``functions``: how the names of the owner's two functions begin; a name of ours, never one from outside."""

    functions: str

    def add_months(self, months: Iterable[date]) -> int:
        """Makes those that are missing, whoever else does so at the same moment; how many were made here."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.functions}_add_months(%s::date[])", [sorted(set(months))])
            return int(cursor.fetchone()[0])

    def drop_months(self, before: date) -> list[str]:
        """Drops each whole month before that day's, in a transaction of its own; their names, oldest first.

        Raises OperationalError where somebody reads for longer than 200 ms. The months that are left are dropped next
        time.
        """
        dropped: list[str] = []
        while True:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {self.functions}_drop_month(%s)", [before])
                name = cursor.fetchone()[0]
            if name is None:
                return dropped
            dropped.append(name)

    def keep(self, *, since: datetime, now: datetime, kept: int) -> None:
        """The months from that of ``since`` to three ahead exist; those older than ``kept`` whole ones do not."""
        first, last = month_of(since), month_of(now, MONTHS_AHEAD)
        self.add_months(month for plus in range(MONTHS_AHEAD + 3) if (month := month_of(first, plus)) <= last)
        try:
            dropped = self.drop_months(month_of(now, -kept))
        except OperationalError:  # somebody is reading
            log.warning("months.not_dropped", extra={"table": self.functions})
        else:
            if dropped:
                log.info("months.dropped", extra={"table": self.functions, "months": dropped})
