"""What paid legs cost in the last 24 hours, by the hour."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet, Sum

from numbers.routing.models import SpendHour

WINDOW = timedelta(hours=24)
KEPT = timedelta(days=40)


def add(legs: Iterable[tuple[int, datetime, Decimal]]) -> None:
    """Counts (project, start of the call, cost); one statement. Projects are written in order: no deadlocks."""
    sums: dict[tuple[int, datetime], Decimal] = {}
    for project_id, at, cost in legs:
        key = (project_id, at.replace(minute=0, second=0, microsecond=0))
        sums[key] = sums.get(key, Decimal(0)) + cost
    if not sums:
        return
    rows = sorted((*key, amount) for key, amount in sums.items())
    values = ", ".join(["(%s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO numbers_spendhour AS h (project_id, hour, amount) VALUES {values} "  # noqa: S608  placeholders only
            "ON CONFLICT (project_id, hour) DO UPDATE SET amount = h.amount + excluded.amount",
            [value for row in rows for value in row],
        )


def spent(project_id: int, at: datetime) -> Decimal:
    """In the 24 hours before ``at``, by whole hours."""
    return spent_at(project_id, at).first() or Decimal(0)


def spent_at(project_id: int, at: datetime) -> QuerySet[SpendHour, Decimal]:
    """The same as a query, for use in others; no row when nothing was spent."""
    hours = SpendHour.objects.filter(project_id=project_id, hour__gt=at - WINDOW, hour__lte=at)
    sums = hours.values("project_id").annotate(total=Sum("amount")).order_by("project_id")
    return sums.values_list("total", flat=True)


def forget(*, now: datetime) -> None:
    """Hours that no cap and no explanation of a call asks for any more."""
    SpendHour.objects.filter(hour__lt=now - KEPT).delete()
