"""How long documents are kept: as long as an order or a number needs them and ``DOCUMENT_RETENTION_DAYS`` longer."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from numbers.compliance.models import Submission
from numbers.documents import purging
from numbers.leases.models import Lease
from numbers.orders.models import Order

UNUSED = timedelta(days=365)  # never submitted for any requirement


def _needed() -> Exists:
    """By an open order, or by a live lease that came of an order with it."""
    used = Submission.objects.filter(document=OuterRef("pk"))
    return Exists(
        used.filter(Q(requirement__order__status__in=Order.OPEN) | Q(requirement__order__lease__status__in=Lease.LIVE))
    )


def _time(expression: object) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=DateTimeField())


def set_dates() -> int:
    """Sets and clears ``purge_after``; returns how many changed. Harmless twice."""
    cleared = purging.kept().filter(_needed(), purge_after__isnull=False).update(purge_after=None)
    ended = (
        Submission.objects.filter(document=OuterRef("pk"))
        .order_by()
        .values("document")
        .annotate(
            last=Max(
                Greatest(
                    "requirement__order__closed_at",
                    Coalesce("requirement__order__lease__ended_at", "requirement__order__closed_at"),
                )
            )
        )
        .values("last")
    )
    expired = _time(Cast("expires_on", DateTimeField()) + Value(timedelta(days=1 + settings.DOCUMENT_RETENTION_DAYS)))
    unused = _time(F("uploaded_at") + Value(UNUSED))
    due = Case(
        When(last__isnull=False, then=_time(F("last") + Value(timedelta(days=settings.DOCUMENT_RETENTION_DAYS)))),
        default=Coalesce(Least(expired, unused), unused),
    )
    free = (
        purging.kept().exclude(_needed()).annotate(last=Subquery(ended, output_field=DateTimeField())).annotate(due=due)
    )
    changed = free.filter(Q(purge_after=None) | ~Q(purge_after=F("due")))
    return cleared + changed.update(purge_after=F("due"))


def purge(*, now: datetime, batch: int = purging.BATCH) -> int:
    """Destroys what nothing needs any more; the row stays as a record. Returns how many."""
    return purging.purge(needed=_needed(), now=now, batch=batch)
