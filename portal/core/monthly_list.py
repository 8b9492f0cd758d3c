"""Pages of a table that is divided by months (portal.core.partitions), newest first.

Every read is bounded by time, so that only the months in question are opened, and by one holder (a project, a lease),
whose index is in the order of the list: a page costs the same for thousands of rows and for millions. Filters that no
index serves look at ``LOOKED_AT`` rows for one page, then say how far they came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection, models

from portal.core.epoch import microseconds, moment

LOOKED_AT = 20_000
LARGEST_ID = 2**63 - 1
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after this row, in the order of the list."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{microseconds(self.at)}-{self.id}"


def read_cursor(text: str) -> Cursor | None:
    """None for what is none."""
    start, _, number = text.partition("-")
    if not (start.isascii() and start.isdecimal() and number.isascii() and number.isdecimal()):
        return None
    found = moment(int(start)) if len(start) < 20 else None
    return Cursor(found, int(number)) if found and len(number) < 20 and int(number) <= LARGEST_ID else None


@dataclass(slots=True)
class Page(Generic[Row]):
    rows: list[Row] = field(default_factory=list)
    following: Cursor | None = None  # None: there are no more
    searched_to: datetime | None = None  # the page is short because the search stopped here


@dataclass(frozen=True, slots=True)
class Holders:
    """Whose rows: a column (``project_id``) and its values. ``since`` counts, ``until`` does not."""

    column: str
    ids: Sequence[int]
    since: datetime
    until: datetime


@dataclass(slots=True)
class Narrowing:
    """Conditions that no index serves, of constants of ours, with their values in order."""

    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values += values


class MonthlyList(Generic[Row]):
    """``time``: the column by which the table of ``model`` is divided."""

    def __init__(self, model: type[Row], time: str) -> None:
        fields = [each for each in model._meta.local_concrete_fields if each.column]
        self._model, self._time, self._table = model, time, model._meta.db_table
        self._names = [each.attname for each in fields]
        self.columns = ", ".join(str(each.column) for each in fields)
        self._order = f"ORDER BY {time} DESC, id DESC"

    def read(self, sql: str, values: Any) -> list[Row]:
        """Of a statement that selects ``columns``: Django's ``raw`` knows no key of two columns."""
        with connection.cursor() as database:
            database.execute(sql, values)
            return [self._model.from_db(connection.alias, self._names, row) for row in database.fetchall()]

    def page(self, of: Holders, narrowing: Narrowing, *, before: Cursor | None, limit: int) -> Page[Row]:
        """The newest rows that are left, or those after a cursor. A page that is narrowed may be short: it says then
        how far was looked, and the next one goes on there."""
        if not of.ids:
            return Page()
        narrows = bool(narrowing.conditions)
        source, values = self._source(of, before, LOOKED_AT if narrows else limit + 1)
        conditions = " AND ".join(narrowing.conditions) or "true"
        sql = f"SELECT {self.columns} FROM ({source}) AS looked_at WHERE {conditions} {self._order} LIMIT %s"  # noqa: S608  constants of ours
        found = self.read(sql, [*values, *narrowing.values, limit + 1])
        if len(found) > limit:
            last: Any = found[limit - 1]
            return Page(found[:limit], Cursor(getattr(last, self._time), last.id))
        if not narrows:
            return Page(found)
        end = self._end_of_search(source, values)
        return Page(found, end, end.at if end else None)

    def _source(self, of: Holders, before: Cursor | None, limit: int) -> tuple[str, list[Any]]:
        """The rows to look at, newest first, each read by its index."""
        values: list[Any] = [of.since, of.until]
        within = f"{self._time} >= %s AND {self._time} < %s"
        if before:
            # The first opens no later months.
            within += f" AND {self._time} <= %s AND ({self._time}, id) < (%s, %s)"
            values += [before.at, before.at, before.id]
        each = f"(SELECT * FROM {self._table} WHERE {of.column} = %s AND {within} {self._order} LIMIT %s)"  # noqa: S608
        together = [value for holder in of.ids for value in (holder, *values, limit)]
        if len(of.ids) == 1:
            return each[1:-1], together
        union = f"{' UNION ALL '.join([each] * len(of.ids))} {self._order} LIMIT %s"
        return union, [*together, limit]

    def _end_of_search(self, source: str, values: list[Any]) -> Cursor | None:
        """The last row that was looked at; None: there were no more."""
        with connection.cursor() as database:
            database.execute(
                f"SELECT {self._time}, id FROM ({source}) AS looked_at {self._order} LIMIT 1 OFFSET %s",  # noqa: S608
                [*values, LOOKED_AT - 1],
            )
            row = database.fetchone()
        return Cursor(*row) if row else None
