"""Reads on a project's calls.

Every read is bounded by time, so that only the months in question are opened, and by one project or lease, whose index
is in the order of the list: a page costs the same for thousands of calls and for millions.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from numbers.calls.models import CallRecord
from numbers.calls.times import microseconds, moment
from numbers.leases.models import Lease
from portal.core.errors import NotFound
from projects.models import Project

PAGE_SIZE, RECENT = 50, 5
USUAL = timedelta(days=30)  # of a list without times
# Filters that no index serves look at so many calls for one page, then say how far they came.
LOOKED_AT = 20_000
# Legs of one call begin near each other: those of other numbers of the project (a call sent on to one of them) at once,
# those of the same number also when the call is transferred later.
NEAR_PROJECT, NEAR_LEASE = timedelta(minutes=2), timedelta(hours=1)
LEGS_SHOWN = 20
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after this record, in the order of the list (newest first)."""

    start: datetime
    id: int

    def __str__(self) -> str:
        return f"{microseconds(self.start)}-{self.id}"


@dataclass(frozen=True, slots=True)
class CallFilter:
    """``since`` counts, ``until`` does not. ``number``: E.164; ``parts``: one of them is in caller or target."""

    since: datetime
    until: datetime
    number: str = ""
    direction: str = ""
    status: str = ""
    parts: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        return bool(self.direction or self.status or self.parts)


@dataclass(slots=True)
class CallPage:
    calls: list[CallRecord] = field(default_factory=list)
    following: Cursor | None = None  # None: there are no more
    searched_to: datetime | None = None  # the page is short because the search stopped here


def cursor(text: str) -> Cursor | None:
    """None for what is none."""
    start, _, number = text.partition("-")
    if not (start.isascii() and start.isdecimal() and number.isascii() and number.isdecimal()):
        return None
    found = moment(int(start)) if len(start) < 20 else None
    return Cursor(found, int(number)) if found and len(number) < 20 and int(number) <= _LARGEST_ID else None


_ORDER = "ORDER BY start_time DESC, id DESC"
_FIELDS = [each for each in CallRecord._meta.local_concrete_fields if each.column]
_NAMES = [each.attname for each in _FIELDS]
_COLUMNS = ", ".join(str(each.column) for each in _FIELDS)


def _records(sql: str, values: Any) -> list[CallRecord]:
    """Of a statement that selects ``_COLUMNS``: Django's ``raw`` knows no key of two columns."""
    with connection.cursor() as database:
        database.execute(sql, values)
        return [CallRecord.from_db(connection.alias, _NAMES, row) for row in database.fetchall()]


def page(project: Project, only: CallFilter, *, before: Cursor | None = None, limit: int = PAGE_SIZE) -> CallPage:
    """The newest calls that the filter leaves, or those after a cursor. A page of a filter that narrows may be short:
    it says then how far was looked, and the next one goes on there."""
    source, values = _source(project, only, before, LOOKED_AT if only.narrows else limit + 1)
    if source is None:
        return CallPage()
    conditions, given = _narrowing(only)
    sql = f"SELECT {_COLUMNS} FROM ({source}) AS looked_at WHERE {conditions} {_ORDER} LIMIT %s"  # noqa: S608  constants of ours
    found = _records(sql, [*values, *given, limit + 1])
    if len(found) > limit:
        last = found[limit - 1]
        return CallPage(found[:limit], Cursor(last.start_time, last.id))
    if not only.narrows:
        return CallPage(found)
    end = _end_of_search(source, values)
    return CallPage(found, end, end.start if end else None)


def _source(project: Project, only: CallFilter, before: Cursor | None, limit: int) -> tuple[str | None, list[Any]]:
    """The calls to look at, newest first, each read by its index: of the project, or of the leases of one number."""
    values: list[Any] = [only.since, only.until]
    within = "start_time >= %s AND start_time < %s"
    if before:
        within += " AND start_time <= %s AND (start_time, id) < (%s, %s)"  # the first opens no later months
        values += [before.start, before.start, before.id]
    if not only.number:
        holders, column = [project.pk], "project_id"
    else:
        leases = Lease.objects.filter(project=project, number__e164=only.number)
        holders, column = list(leases.order_by("-id").values_list("pk", flat=True)[:20]), "lease_id"
    if not holders:
        return None, []
    each = f"(SELECT * FROM numbers_callrecord WHERE {column} = %s AND {within} {_ORDER} LIMIT %s)"  # noqa: S608
    together = [value for holder in holders for value in (holder, *values, limit)]
    if len(holders) == 1:
        return each[1:-1], together
    union = f"{' UNION ALL '.join([each] * len(holders))} {_ORDER} LIMIT %s"
    return union, [*together, limit]


def _narrowing(only: CallFilter) -> tuple[str, list[Any]]:
    conditions = ["true"]
    values: list[Any] = []
    for column, value in (("direction", only.direction), ("status", only.status)):
        if value:
            conditions.append(f"{column} = %s")
            values.append(value)
    if only.parts:
        conditions.append(
            "EXISTS (SELECT FROM unnest(%s::text[]) AS part "
            "WHERE strpos(lower(caller), part) > 0 OR strpos(lower(target), part) > 0)"
        )
        values.append(list(only.parts))
    return " AND ".join(conditions), values


def _end_of_search(source: str, values: list[Any]) -> Cursor | None:
    """The last call that was looked at; None: there were no more."""
    with connection.cursor() as database:
        database.execute(
            f"SELECT start_time, id FROM ({source}) AS looked_at {_ORDER} LIMIT 1 OFFSET %s",  # noqa: S608
            [*values, LOOKED_AT - 1],
        )
        row = database.fetchone()
    return Cursor(*row) if row else None


def find(project: Project, start: int, pk: int) -> CallRecord:
    """By what stands in its address: start in microseconds since 1970, and id. Raises NotFound."""
    begun = moment(start)
    record = (
        CallRecord.objects.select_related("lease__number", "lease__project")
        .filter(pk=(begun, pk), project=project)
        .first()
        if begun and pk <= _LARGEST_ID
        else None
    )
    if record is None:
        raise NotFound("This project has no such call.")
    return record


_LEGS = f"""
SELECT {_COLUMNS} FROM (
    SELECT * FROM numbers_callrecord
    WHERE project_id = %(project)s AND start_time BETWEEN %(near_from)s AND %(near_to)s AND call_id = %(call_id)s
    UNION
    SELECT * FROM numbers_callrecord
    WHERE lease_id = %(lease)s AND start_time BETWEEN %(from)s AND %(to)s AND call_id = %(call_id)s
) AS legs ORDER BY start_time, direction, attempt NULLS FIRST, id LIMIT %(limit)s
"""  # noqa: S608  constants of ours


def legs(record: CallRecord) -> list[CallRecord]:
    """All legs of a call of the project, in order of time, this one among them."""
    if not record.call_id:
        return [record]
    start = record.start_time
    values = {
        "project": record.project_id, "lease": record.lease_id, "call_id": record.call_id, "limit": LEGS_SHOWN,
        "near_from": start - NEAR_PROJECT, "near_to": start + NEAR_PROJECT,
        "from": start - NEAR_LEASE, "to": start + NEAR_LEASE,
    }  # fmt: skip
    return _records(_LEGS, values)


def recent(lease: Lease, *, now: datetime) -> list[CallRecord]:
    """The last few calls of a number in this project, of the usual time."""
    calls = CallRecord.objects.filter(lease=lease, start_time__gte=now - USUAL)
    return list(calls.order_by("-start_time", "-id")[:RECENT])
