"""Reads on documents and their types, for the forms and for the progress of inspections."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from numbers.compliance.checklist import items
from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders.models import Order
from numbers.regulations.models import DocumentType
from projects.models import Project


def active_types() -> QuerySet[DocumentType]:
    return DocumentType.objects.filter(is_active=True)


def types_in_use(project: Project) -> QuerySet[DocumentType]:
    """For the filter: what may be uploaded and what was."""
    mine = Document.objects.filter(project=project, type=OuterRef("pk"))
    return DocumentType.objects.filter(Q(is_active=True) | Exists(mine))


def missing_types(orders: Iterable[Order], today: date) -> set[int]:
    """Ids of the types that something missing could be."""
    return {kind.pk for order in orders for item in items(order, today) if item.missing for kind in item.types}


def document(project: Project, ref: UUID) -> Document | None:
    return Document.objects.select_related("type").filter(project=project, ref=ref).first()


def orders_by_document(documents: Iterable[Document]) -> dict[int, list[Order]]:
    """By the document's id: undecided orders it was submitted for and not rejected for, with numbers."""
    submissions = Submission.objects.filter(document__in=documents, requirement__order__status__in=Order.UNDECIDED)
    found: dict[int, list[Order]] = {}
    for each in (
        submissions.exclude(verdict=Submission.Verdict.REJECTED)
        .select_related("requirement__order__number")
        .order_by("requirement__order", "id")
    ):
        orders = found.setdefault(each.document_id, [])
        if each.requirement.order not in orders:
            orders.append(each.requirement.order)
    return found
