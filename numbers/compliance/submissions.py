"""Submitting documents for requirements of orders: one that the customer chose, and one that was just uploaded."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction

from numbers.compliance import checklist
from numbers.compliance.checklist import ChecklistItem
from numbers.compliance.completeness import update_completeness
from numbers.compliance.models import OrderRequirement, Submission
from numbers.documents.models import Document
from numbers.orders.lifecycle import lock_undecided
from numbers.orders.models import Order
from portal.core.errors import DomainError
from projects import audit
from projects.actor import Actor


@transaction.atomic
def submit_document(
    *, order: Order, requirement: OrderRequirement, document: Document, by: Actor, now: datetime
) -> Order:
    """Submits a document that the project uploaded before; when nothing is missing any more, review begins.

    Twice is harmless. Raises ``order_closed``, ``project_archived``, ``document_not_needed`` when nothing is missing
    for the requirement, and ``document_not_accepted`` (field ``document``) for one of another type, one that is no
    longer valid, and one that a reviewer has rejected for this requirement.
    """
    order = lock_undecided(order)
    item = next((each for each in checklist.items(order, now.date()) if each.requirement.pk == requirement.pk), None)
    if item is None or document.project_id != order.project_id:
        raise ValueError("Requirement and document belong to the order's project.")
    earlier = next((each for each in item.submissions if each.document_id == document.pk), None)
    if earlier is not None and earlier.verdict != Submission.Verdict.REJECTED:
        return order
    _check(item, document, earlier)
    create_submissions(document, [item.requirement])
    audit.record(
        project_id=order.project_id,
        by=by,
        action="document.handed_in",
        subject=document.name,
        order=str(order.ref),
        line=item.requirement.title,
        number=order.number.e164,
    )
    update_completeness(order, now=now)
    return order


def _check(item: ChecklistItem, document: Document, rejected: Submission | None) -> None:
    if rejected is not None:
        raise _not_accepted(f"“{document.name}” was rejected for this order: {rejected.reason}")
    if document.is_being_checked:
        raise _not_accepted(
            f"“{document.name}” is still being checked. It will be submitted automatically when that is done."
        )
    if not document.is_valid_on(item.today):
        raise _not_accepted(f"“{document.name}” has expired or been withdrawn. Please choose another document.")
    if not item.accepts_type(document.type_id):
        raise _not_accepted(f"“{document.name}” is not one of the documents accepted for “{item.requirement.title}”.")
    if not item.missing:
        raise DomainError("document_not_needed", f"Nothing is missing for “{item.requirement.title}” at the moment.")


def _not_accepted(message: str) -> DomainError:
    return DomainError("document_not_accepted", message, field="document", status=422)


def submit_where_missing(document: Document, orders: Iterable[Order], *, now: datetime) -> list[Order]:
    """For every requirement that accepts its type and misses one. Returns the orders that it was submitted for."""

    def fits(item: ChecklistItem) -> bool:
        return item.missing > 0 and item.accepts_type(document.type_id) and not item.has_document(document.pk)

    return _submit(document, orders, fits, now)


def submit_in_place_of(old: Document, document: Document, orders: Iterable[Order], *, now: datetime) -> list[Order]:
    """For every requirement where ``old`` still waits for a reviewer. Returns the orders that it was submitted for."""

    def fits(item: ChecklistItem) -> bool:
        return any(each.document_id == old.pk and each.verdict == checklist.PENDING for each in item.submissions)

    return _submit(document, orders, fits, now)


def _submit(
    document: Document, orders: Iterable[Order], fits: Callable[[ChecklistItem], bool], now: datetime
) -> list[Order]:
    served = []
    for order in orders:
        requirements = [item.requirement for item in checklist.items(order, now.date()) if fits(item)]
        if requirements:
            create_submissions(document, requirements)
            served.append(order)
    return served


def create_submissions(document: Document, requirements: Iterable[OrderRequirement]) -> None:
    """The rows alone; where the document was submitted before, nothing changes."""
    Submission.objects.bulk_create(
        [Submission(requirement=each, document=document) for each in requirements], ignore_conflicts=True
    )
