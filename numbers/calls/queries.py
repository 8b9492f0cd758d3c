"""Reads on a project's calls, bounded as :mod:`portal.core.monthly_list` says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from numbers.calls.models import CallRecord
from numbers.leases import queries as leases
from numbers.leases.models import Lease
from portal.core.epoch import moment
from portal.core.errors import NotFound
from portal.core.monthly_list import LARGEST_ID, Cursor, Holders, MonthlyList, Narrowing, Page
from projects.models import Project

PAGE_SIZE, RECENT = 50, 5
USUAL = timedelta(days=30)  # of a list without times
# Legs of one call begin near each other: those of other numbers of the project (a call sent on to one of them) at once,
# those of the same number also when the call is transferred later.
NEAR_PROJECT, NEAR_LEASE = timedelta(minutes=2), timedelta(hours=1)
LEGS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CallFilter:
    """``since`` counts, ``until`` does not. ``number``: E.164; ``parts``: one of them is in caller or target."""

    since: datetime
    until: datetime
    number: str = ""
    direction: str = ""
    status: str = ""
    parts: tuple[str, ...] = ()


CallPage = Page[CallRecord]
_LIST = MonthlyList(CallRecord, "start_time")


def page(project: Project, only: CallFilter, *, before: Cursor | None = None, limit: int = PAGE_SIZE) -> CallPage:
    """See :meth:`portal.core.monthly_list.MonthlyList.page`."""
    column, ids = leases.holders(project, only.number)
    holders = Holders(column, ids, only.since, only.until)
    return _LIST.page(holders, _narrowing(only), before=before, limit=limit)


def _narrowing(only: CallFilter) -> Narrowing:
    found = Narrowing()
    for column, value in (("direction", only.direction), ("status", only.status)):
        if value:
            found.add(f"{column} = %s", value)
    if only.parts:
        found.add(
            "EXISTS (SELECT FROM unnest(%s::text[]) AS part "
            "WHERE strpos(lower(caller), part) > 0 OR strpos(lower(target), part) > 0)",
            list(only.parts),
        )
    return found


def find(project: Project, start: int, pk: int) -> CallRecord:
    """By what stands in its address: start in microseconds since 1970, and id. Raises NotFound."""
    begun = moment(start)
    record = (
        CallRecord.objects.select_related("lease__number", "lease__project")
        .filter(pk=(begun, pk), project=project)
        .first()
        if begun and pk <= LARGEST_ID
        else None
    )
    if record is None:
        raise NotFound("This project has no such call.")
    return record


_LEGS = f"""
SELECT {_LIST.columns} FROM (
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
    return _LIST.read(_LEGS, values)


def recent(lease: Lease, *, now: datetime) -> list[CallRecord]:
    """The last few calls of a number in this project, of the usual time."""
    calls = CallRecord.objects.filter(lease=lease, start_time__gte=now - USUAL)
    return list(calls.order_by("-start_time", "-id")[:RECENT])
