"""Imports of routing and their reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from numbers.leases.models import Lease
from numbers.routing.queries import app_users
from numbers.routing.route_settings import of_route
from numbers.routing_files.columns import COLUMNS, cells_of
from numbers.routing_files.models import RoutingImport, RoutingImportRow
from portal.core.errors import NotFound
from projects.models import Project

KEPT = timedelta(days=1)
PAGE_SIZE, SHOWN, CHUNK = 50, 5, 500


@dataclass(frozen=True, slots=True)
class RowPage:
    rows: list[RoutingImportRow]
    next_after: int | None  # id with which to ask for the following page


def recent(project: Project, now: datetime) -> list[RoutingImport]:
    """Of the last day, newest first, ``SHOWN`` at most; without their rows."""
    found = RoutingImport.objects.filter(project=project, created_at__gt=now - KEPT)
    return list(found.defer("source")[:SHOWN])


def find(project: Project, ref: UUID, now: datetime) -> RoutingImport:
    """Raises NotFound."""
    found = RoutingImport.objects.filter(project=project, ref=ref, created_at__gt=now - KEPT).defer("source").first()
    if found is None:
        raise NotFound("There is no such import, or it is deleted already.")
    found.project = project
    return found


def row_page(record: RoutingImport, after: int | None) -> RowPage:
    """The mistakes if there are any, otherwise what changes; by line."""
    found = record.rows.filter(is_mistake=record.failed > 0)
    if after:
        found = found.filter(pk__gt=after)
    rows = list(found.order_by("pk")[: PAGE_SIZE + 1])
    return RowPage(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None)


def report(record: RoutingImport) -> Iterator[list[object]]:
    """Mistakes, then changes, as a table."""
    yield ["Line", "Number", "Result", "Explanation"]
    for row in record.rows.order_by("-is_mistake", "pk").iterator(chunk_size=CHUNK):
        yield [row.line, row.number, "Mistake" if row.is_mistake else "Change", row.words]


def export(project: Project) -> Iterator[list[object]]:
    """What is set for each number of the project that takes calls, as an import reads it; by number."""
    yield list(COLUMNS)
    live = Lease.objects.filter(project=project, status__in=Lease.LIVE, number__voice=True)
    leases = live.select_related("number", "call_route").order_by("number__e164").iterator(chunk_size=CHUNK)
    while chunk := list(islice(leases, CHUNK)):
        routes = {lease.pk: of_route(getattr(lease, "call_route", None)) for lease in chunk}
        ids = {pk for route in routes.values() for pk in route.users}
        names = {user.pk: user.username for user in app_users(project.pk, ids)}
        for lease in chunk:
            yield cells_of(lease.number.e164, lease.friendly_name, routes[lease.pk], names)


def delete(*, record: RoutingImport) -> None:
    """The file and its report; what was applied stays. A job at work on it is waited for."""
    RoutingImport.objects.filter(pk=record.pk).delete()


def forget(*, now: datetime) -> int:
    """Removes what is older than a day, whatever became of it. Returns how many."""
    old = list(RoutingImport.objects.filter(created_at__lte=now - KEPT).values_list("pk", flat=True)[:500])
    RoutingImport.objects.filter(pk__in=old).delete()
    return len(old)
