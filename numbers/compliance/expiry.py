"""What the expiry of a document means for the orders and numbers that count on it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from numbers.compliance import checklist, completeness
from numbers.compliance.models import Submission
from numbers.documents import expiry as document_expiry
from numbers.documents.models import Document
from numbers.leases.models import Lease
from numbers.orders.lifecycle import lock_order
from numbers.orders.models import Order


def documents_in_use() -> QuerySet[Document]:
    """Documents that a live lease depends on, or that were submitted to an open order, and that no later document
    replaces."""
    used = Submission.objects.filter(document=OuterRef("pk")).exclude(verdict=Submission.Verdict.REJECTED)
    leased = Q(verdict=checklist.ACCEPTED, requirement__order__lease__status__in=Lease.LIVE)
    successor = Document.objects.filter(
        replaces=OuterRef("pk"), withdrawn_at=None, purged_at=None, inspection=Document.Inspection.PASSED
    )
    return Document.objects.filter(
        Exists(used.filter(leased | Q(requirement__order__status__in=Order.OPEN))),
        ~Exists(successor),
        withdrawn_at=None,
        purged_at=None,
    )


def announce(*, now: datetime) -> int:
    """Queues the mails that are due; returns how many. Harmless twice."""
    return document_expiry.announce(documents_in_use(), now=now)


def reopen_orders(*, now: datetime) -> int:
    """Sends orders back to their customers that wait for review with a document that is no longer valid."""
    spoiled = Submission.objects.filter(
        Q(document__expires_on__lt=now.date())
        | Q(document__withdrawn_at__isnull=False)
        | Q(document__purged_at__isnull=False),
        requirement__order=OuterRef("pk"),
    ).exclude(verdict=Submission.Verdict.REJECTED)
    waiting = Order.objects.filter(Exists(spoiled), status=Order.Status.IN_REVIEW)
    moved = 0
    for found in waiting.order_by("id"):
        with transaction.atomic():
            order = lock_order(found)
            before = order.status
            completeness.update_completeness(order, now=now)
            moved += order.status != before
    return moved


def document_to_announce(pk: int) -> Document | None:
    """For the mail, which may be composed later: None when there is nothing to say any more."""
    return documents_in_use().filter(pk=pk).select_related("project", "type").first()
