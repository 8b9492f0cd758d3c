"""Handing in, for a line of an order, a document that the project uploaded before."""

from datetime import datetime

from django.db import transaction

from numbers.compliance import checklist
from numbers.compliance.models import OrderRequirement
from numbers.documents.models import Document
from numbers.orders.lifecycle import lock_undecided
from numbers.orders.models import Order
from portal.core.errors import DomainError
from projects import audit
from projects.actor import Actor


@transaction.atomic
def hand_in(*, order: Order, line: OrderRequirement, document: Document, by: Actor, now: datetime) -> Order:
    """Offers the document; when nothing is missing any more, the order goes to review. Twice is harmless.

    Raises ``order_closed``, ``project_archived``, ``document_not_needed`` when the line has all it asks for,
    and ``document_not_accepted`` (field ``document``) for one of another type, one that is no longer good, and one
    that a reviewer has refused for this line.
    """
    order = lock_undecided(order)
    mine = next((each for each in checklist.lines(order, now.date()) if each.asked.pk == line.pk), None)
    if mine is None or document.project_id != order.project_id:
        raise ValueError("The line and the document belong to the order.")
    offered = next((each for each in mine.submissions if each.document_id == document.pk), None)
    if offered is not None and offered.verdict != offered.Verdict.REJECTED:
        return order
    if offered is not None:
        raise _not_accepted(f"“{document.name}” was rejected for this order: {offered.reason}")
    if document.is_being_checked:
        raise _not_accepted(
            f"“{document.name}” is still being checked. It will be submitted automatically when that is done."
        )
    if not checklist.is_good(document, now.date()):
        raise _not_accepted(f"“{document.name}” has expired or been withdrawn. Please choose another document.")
    if document.type_id not in {kind.pk for kind in mine.asked.document_types.all()}:
        raise _not_accepted(f"“{document.name}” is not one of the documents accepted for “{mine.asked.title}”.")
    if not mine.missing:
        raise DomainError("document_not_needed", f"Nothing is missing for “{mine.asked.title}” at the moment.")
    checklist.offer(document, [mine.asked])
    audit.record(
        project_id=order.project_id,
        by=by,
        action="document.handed_in",
        subject=document.name,
        order=str(order.ref),
        line=mine.asked.title,
        number=order.number.e164,
    )
    checklist.settle(order, now=now)
    return order


def _not_accepted(words: str) -> DomainError:
    return DomainError("document_not_accepted", words, field="document", status=422)
