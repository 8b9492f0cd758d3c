"""Documents that are about to expire: announced 30, 7 and 1 days before and on expiry, once each.

After days without beat only the nearest announcement is made. An order that counted on an expired document asks for
another one.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from numbers.compliance import checklist, completeness
from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.leases.models import Lease
from numbers.orders.models import Order
from portal.jobs.outbox import enqueue

DAYS = (1, 7, 30)
EXPIRED = 0
MAIL = "numbers.document_expiring_mail"


def stage(document: Document, today: date) -> int | None:
    """The nearest announcement that is due: 30, 7 or 1 (days before), 0 (expired), or None."""
    if document.expires_on is None:
        return None
    left = (document.expires_on - today).days
    return EXPIRED if left < 0 else next((days for days in DAYS if left <= days), None)


def matters() -> QuerySet[Document]:
    """Documents on whose strength a number is held, or that are offered to an open order, and that no later document
    replaces."""
    used = Submission.objects.filter(document=OuterRef("pk")).exclude(verdict=Submission.Verdict.REJECTED)
    holds = Q(verdict=checklist.ACCEPTED, requirement__order__lease__status__in=Lease.LIVE)
    successor = Document.objects.filter(
        replaces=OuterRef("pk"), withdrawn_at=None, purged_at=None, inspection=Document.Inspection.PASSED
    )
    return Document.objects.filter(
        Exists(used.filter(holds | Q(requirement__order__status__in=Order.OPEN))),
        ~Exists(successor),
        withdrawn_at=None,
        purged_at=None,
    )


def announce(*, now: datetime) -> int:
    """Queues the mails that are due; returns how many. Harmless twice."""
    today = now.date()
    near = matters().filter(expires_on__lte=today + timedelta(days=max(DAYS))).exclude(announced=EXPIRED)
    return sum(_announce(pk, today) for pk in near.order_by("id").values_list("pk", flat=True))


@transaction.atomic
def _announce(pk: int, today: date) -> bool:
    document = Document.objects.select_for_update().get(pk=pk)
    due = stage(document, today)
    if due is None or (document.announced is not None and document.announced <= due) or not document.is_there:
        return False
    document.announced = due
    document.save(update_fields=["announced"])
    enqueue(MAIL, {"document": pk}, key=f"{MAIL}:{pk}:{due}")
    return True


def reopen_orders(*, now: datetime) -> int:
    """Sends orders back to their customers that wait for review with a document that is no longer good."""
    spoiled = Submission.objects.filter(
        Q(document__expires_on__lt=now.date())
        | Q(document__withdrawn_at__isnull=False)
        | Q(document__purged_at__isnull=False),
        requirement__order=OuterRef("pk"),
    ).exclude(verdict=Submission.Verdict.REJECTED)
    waiting = Order.objects.filter(Exists(spoiled), status=Order.Status.IN_REVIEW)
    moved = 0
    for pk in waiting.order_by("id").values_list("pk", flat=True):
        with transaction.atomic():
            order = Order.objects.select_for_update().get(pk=pk)
            before = order.status
            completeness.update_completeness(order, now=now)
            moved += order.status != before
    return moved


def still_matters(pk: int) -> Document | None:
    """For the mail, which may be composed later: None when there is nothing to say any more."""
    return matters().filter(pk=pk).select_related("project", "type").first()
