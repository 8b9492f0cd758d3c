"""How long documents are kept: as long as an order or a number needs them and ``DOCUMENT_RETENTION_DAYS`` longer."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from numbers.compliance.models import Submission
from numbers.documents import storage
from numbers.documents.models import Document
from numbers.leases.models import Lease
from numbers.orders.models import Order
from projects import audit
from projects.actor import SYSTEM
from projects.locking import lock_project

UNUSED = timedelta(days=365)  # that nobody ever asked for
BATCH = 500  # files destroyed in one run; the next one goes on


def _needed() -> Exists:
    """By an open order, or by a number that was handed over on its strength and is still held."""
    used = Submission.objects.filter(document=OuterRef("pk"))
    return Exists(
        used.filter(Q(requirement__order__status__in=Order.OPEN) | Q(requirement__order__lease__status__in=Lease.LIVE))
    )


def _there() -> QuerySet[Document]:
    return Document.objects.filter(withdrawn_at=None, purged_at=None)


def _time(expression: object) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=DateTimeField())


def set_dates() -> int:
    """Sets and clears ``purge_after``; returns how many changed. Harmless twice."""
    cleared = _there().filter(_needed(), purge_after__isnull=False).update(purge_after=None)
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
    free = _there().exclude(_needed()).annotate(last=Subquery(ended, output_field=DateTimeField())).annotate(due=due)
    changed = free.filter(Q(purge_after=None) | ~Q(purge_after=F("due")))
    return cleared + changed.update(purge_after=F("due"))


def purge(*, now: datetime, batch: int = BATCH) -> int:
    """Destroys what nobody needs any more; the row stays as a record. Returns how many."""
    due = _there().filter(purge_after__lte=now).order_by("purge_after", "id").values_list("pk", "project_id")
    return sum(_purge(pk, project_id, now) for pk, project_id in due[:batch])


@transaction.atomic
def _purge(pk: int, project_id: int, now: datetime) -> bool:
    # Placing an order, which may count on the document, and uploading hold the project too.
    lock_project(project_id)
    document = (
        _there().select_for_update(of=("self",)).select_related("type").filter(pk=pk, purge_after__lte=now).first()
    )
    # Asked with the row in hand: handing it in for a line, which waits for it, may just have been committed.
    if document is None or Document.objects.filter(_needed(), pk=pk).exists():
        return False
    document.purged_at = now
    document.save(update_fields=["purged_at"])
    storage.destroy(document)
    audit.record(
        project_id=project_id,
        by=SYSTEM,
        action="document.purged",
        subject=document.name,
        document=str(document.ref),
        type=document.type.code,
    )
    return True
