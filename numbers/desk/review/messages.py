"""What reviewers write about an order: questions and requests to the customer, notes to colleagues."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from numbers.compliance import completeness
from numbers.compliance.models import OrderRequirement
from numbers.desk.review import trail
from numbers.desk.review.guards import require_undecided
from numbers.orders import lifecycle
from numbers.orders.lifecycle import lock_order
from numbers.orders.models import Order, OrderMessage
from numbers.regulations.models import DocumentType
from portal.core.errors import DomainError
from portal.core.text import clean_text
from projects.actor import Actor

TEXT_LENGTH, TITLE_LENGTH, EXPLANATION_LENGTH = 2000, 80, 300


@transaction.atomic
def ask_customer(
    *,
    order: Order,
    text: str,
    title: str = "",
    document_types: Iterable[DocumentType] = (),
    by: Actor,
    now: datetime,
    seen: str = "",
) -> OrderMessage:
    """Asks the customer a question; ``title`` and ``document_types`` request one more document.

    A question alone leaves the order where it is: an order in review stays there, the question is shown as open, and
    nothing would move it back but the answer. Requesting one more document makes it ``documents_requested``.

    Raises ``order_closed``, ``page_outdated``, ``text_missing`` (field ``text`` or ``title``), ``text_too_long``,
    ``text_unreadable``, ``document_types_missing``.
    """
    text = clean_text(text, field="text", most=TEXT_LENGTH, missing="Write what you want to know or need.")
    title, types = _clean_request(title, list(document_types))
    order = lock_order(order)
    if repeated := _repeated(order, OrderMessage.Kind.QUESTION, text, by):
        return repeated
    require_undecided(order, seen, by)
    message = _write(order, OrderMessage.Kind.QUESTION, text, by=by, now=now)
    if types:
        _add_requirement(order, title=title, explanation=text, types=types, by=by)
        if order.status != Order.Status.DOCUMENTS_REQUESTED:
            lifecycle.transition(order, Order.Status.DOCUMENTS_REQUESTED, now=now, submitted_at=None)
    completeness.extend_expiry(order, now)
    action = "order.documents_asked" if types else "order.question_asked"
    trail.record(order, action, by, order.number.e164, line=title)
    trail.queue_mail("documents_asked", {"message": message.pk, "title": title}, now)
    return message


@transaction.atomic
def add_note(*, order: Order, text: str, by: Actor, now: datetime, seen: str = "") -> OrderMessage:
    """For colleagues only, also on an order that has ended: not in the customer's trail, and no mail.

    Raises ``text_missing``, ``text_too_long``, ``text_unreadable``. ``seen`` is accepted and not needed: what a
    colleague wrote meanwhile is no reason to lose a note.
    """
    text = clean_text(text, field="text", most=TEXT_LENGTH, missing="Write the note.")
    order, kind = lock_order(order), OrderMessage.Kind.NOTE
    return _repeated(order, kind, text, by) or _write(order, kind, text, by=by, now=now)


def _clean_request(title: str, types: list[DocumentType]) -> tuple[str, list[DocumentType]]:
    """The requested document: a name and types, or neither."""
    if not types and not title.strip():
        return title, types
    missing = "Enter the document’s name, for example “Lease contract”."
    title = clean_text(title, field="title", most=TITLE_LENGTH, missing=missing)
    if not types:
        message = "Choose which types are accepted."
        raise DomainError("document_types_missing", message, field="document_types", status=422)
    return title, types


def _add_requirement(order: Order, *, title: str, explanation: str, types: list[DocumentType], by: Actor) -> None:
    last = order.requirements.aggregate(Max("position"))["position__max"] or 0
    if len(explanation) > EXPLANATION_LENGTH:
        explanation = explanation[: EXPLANATION_LENGTH - 1].rstrip() + "…"
    requirement = OrderRequirement.objects.create(
        order=order, position=last + 1, title=title, explanation=explanation, requested_by_id=by.user_id
    )
    requirement.document_types.set(types)


def _repeated(order: Order, kind: str, text: str, by: Actor) -> OrderMessage | None:
    """The newest message of the order, when it is this very one: a double click."""
    last = order.messages.order_by("id").last()
    same = last is not None and (last.kind, last.text, last.author_id) == (kind, text, by.user_id)
    return last if same else None


def _write(order: Order, kind: str, text: str, *, by: Actor, now: datetime) -> OrderMessage:
    return OrderMessage.objects.create(order=order, kind=kind, text=text, author_id=by.user_id, created_at=now)
