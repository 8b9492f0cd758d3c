"""What the provisioning team does with an order. Errors: docs/errors.md.

Every decision locks the order's row first (lock order as in :mod:`numbers.orders.services`). ``seen`` is the
:class:`numbers.desk.order_version.Mark` of the page that the decision was made on, as text: when something changed
since, the decision is refused with ``page_outdated``. Doing the same thing twice (a double click) does it once.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Max

from numbers.compliance import approval, checklist
from numbers.compliance.models import OrderRequirement, Submission
from numbers.desk import document_views, order_version
from numbers.orders import lifecycle
from numbers.orders.closing import end
from numbers.orders.lifecycle import lock_order
from numbers.orders.models import Order, OrderMessage
from numbers.regulations.models import DocumentType
from portal.accounts.models import User
from portal.core.errors import DomainError
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import Actor

REASON_LENGTH, TEXT_LENGTH, TITLE_LENGTH, EXPLANATION_LENGTH = 500, 2000, 80, 300
PENDING, ACCEPTED, REJECTED = Submission.Verdict.PENDING, Submission.Verdict.ACCEPTED, Submission.Verdict.REJECTED
ANYBODY = object()


@transaction.atomic
def accept(*, submission: Submission, by: Actor, now: datetime, seen: str = "", unopened: bool = False) -> Submission:
    """The document is what was asked for. One that nobody of the team has opened is accepted with ``unopened`` only,
    and the trail says so.

    Raises ``order_closed``, ``page_outdated``, ``document_decided`` (somebody decided on it before; with ``seen`` one
    may change one's mind), ``document_unusable`` (taken back, destroyed or expired), ``document_unopened``.
    """
    order, submission = _offered(submission)
    if submission.verdict == ACCEPTED and submission.decided_by_id == by.user_id:
        return submission
    _demand(order, seen, by)
    _demand_open(submission, ACCEPTED, seen)
    if not checklist.is_good(submission.document, now.date()):
        raise DomainError("document_unusable", "This document was withdrawn or has expired; it cannot be accepted.")
    unseen = not document_views.opened([submission.document])
    if unseen and not unopened:
        raise DomainError(
            "document_unopened",
            f"Nobody has opened “{submission.document.name}” yet. View it first, or "
            "confirm that you accept it unopened.",
            field="unopened",
        )
    _decide(submission, ACCEPTED, by=by, now=now)
    _record(
        order,
        "document.accepted_unopened" if unseen else "document.accepted",
        by,
        submission.document.name,
        document=str(submission.document.ref),
        line=submission.line.title,
    )
    checklist.settle(order, now=now)
    return submission


@transaction.atomic
def refuse_document(*, submission: Submission, reason: str, by: Actor, now: datetime, seen: str = "") -> Submission:
    """It is not what was asked for; the customer reads why, and gets time to hand in another.

    Raises ``text_missing``, ``text_too_long``, ``text_unreadable`` (field ``reason``), and as :func:`accept`.
    """
    reason = clean(
        reason, "reason", REASON_LENGTH, missing=("Enter a reason: the customer reads it and has to act on it.")
    )
    order, submission = _offered(submission)
    if (submission.verdict, submission.decided_by_id, submission.reason) == (REJECTED, by.user_id, reason):
        return submission
    _demand(order, seen, by)
    _demand_open(submission, REJECTED, seen)
    _decide(submission, REJECTED, by=by, now=now, reason=reason)
    document, line = submission.document.name, submission.line.title
    _record(order, "document.rejected", by, document, line=line, reason=reason)
    checklist.settle(order, now=now)
    if order.status == Order.Status.ORDERED:
        lifecycle.transition(order, Order.Status.DOCUMENTS_REQUESTED, now=now)
    checklist.give_time(order, now)
    _mail("document_rejected", {"submission": submission.pk}, now)
    return submission


@transaction.atomic
def ask_for_more(
    *,
    order: Order,
    text: str,
    title: str = "",
    document_types: Iterable[DocumentType] = (),
    by: Actor,
    now: datetime,
    seen: str = "",
) -> OrderMessage:
    """Asks the customer something, and with ``title`` and ``document_types`` for one more document.

    A question alone leaves the order where it is: an order in review stays there, the question is shown as open, and
    nothing would move it back but the answer. One more document that is asked for makes it ``documents_requested``.

    Raises ``order_closed``, ``page_outdated``, ``text_missing`` (field ``text`` or ``title``), ``text_too_long``,
    ``text_unreadable``, ``document_types_missing``.
    """
    text = clean(text, "text", TEXT_LENGTH, missing="Write what you want to know or need.")
    types = list(document_types)
    if types or title.strip():
        title = clean(title, "title", TITLE_LENGTH, missing="Enter the document’s name, for example “Lease contract”.")
        if not types:
            raise DomainError(
                "document_types_missing", "Choose which types are accepted.", field="document_types", status=422
            )
    order = lock_order(order)
    said = _just_said(order, OrderMessage.Kind.QUESTION, text, by)
    if said is not None:
        return said
    _demand(order, seen, by)
    message = _say(order, OrderMessage.Kind.QUESTION, text, by=by, now=now)
    if types:
        _add_line(order, title=title, explanation=text, types=types, by=by)
        if order.status != Order.Status.DOCUMENTS_REQUESTED:
            lifecycle.transition(order, Order.Status.DOCUMENTS_REQUESTED, now=now, submitted_at=None)
    checklist.give_time(order, now)
    _record(order, "order.documents_asked" if types else "order.question_asked", by, order.number.e164, line=title)
    _mail("documents_asked", {"message": message.pk, "title": title}, now)
    return message


@transaction.atomic
def approve(*, order: Order, by: Actor, now: datetime, seen: str = "") -> Order:
    """Decides for the order; a worker hands the number over (:mod:`numbers.compliance.approval`).

    Raises ``order_closed``, ``page_outdated``, and what :func:`numbers.compliance.approval.approve` raises.
    """
    order = lock_order(order)
    if order.status == Order.Status.APPROVED and order.decided_by_id == by.user_id:
        return order
    _demand(order, seen, by)
    return approval.approve(order=order, by=by, now=now)


@transaction.atomic
def reject(*, order: Order, reason: str, by: Actor, now: datetime, seen: str = "") -> Order:
    """Gives the number and the money back at once; the customer reads why.

    Raises ``order_closed``, ``page_outdated``, ``text_missing``, ``text_too_long``, ``text_unreadable``.
    """
    reason = clean(reason, "reason", REASON_LENGTH, missing="Enter a reason: the customer reads it.")
    order = lock_order(order)
    if order.status == Order.Status.REJECTED and order.decided_by_id == by.user_id:
        return order
    _demand(order, seen, by)
    Order.objects.filter(pk=order.pk).update(decided_by=by.user_id, decided_at=now)
    _mail("order_rejected", {"order": order.pk}, now)
    return end(order=order, to=Order.Status.REJECTED, by=by, now=now, reason=reason)


@transaction.atomic
def note(*, order: Order, text: str, by: Actor, now: datetime, seen: str = "") -> OrderMessage:
    """For colleagues only, also on an order that has ended: not in the customer's trail, and no mail.

    Raises ``text_missing``, ``text_too_long``, ``text_unreadable``. ``seen`` is accepted and not needed: what a
    colleague wrote meanwhile is no reason to lose a note.
    """
    text = clean(text, "text", TEXT_LENGTH, missing="Write the note.")
    order = lock_order(order)
    return _just_said(order, OrderMessage.Kind.NOTE, text, by) or _say(
        order, OrderMessage.Kind.NOTE, text, by=by, now=now
    )


@transaction.atomic
def assign(*, order: Order, to: User | None, by: Actor, now: datetime, held_by: Any = ANYBODY) -> Order:
    """Makes ``to`` the one who works on the order; None for nobody. Staff's business: no entry in the customer's trail.

    ``held_by`` is whom the page showed (an id, or None for nobody). Raises ``order_assigned`` when it is another by
    now, ``order_closed``, and ``not_a_reviewer`` (field ``to``).
    """
    if to is not None and not is_reviewer(to):
        raise DomainError("not_a_reviewer", "This person is not allowed to review orders.", field="to", status=422)
    order = lock_order(order)
    if order.assigned_to_id == (to.pk if to else None):
        return order
    if order.status not in Order.OPEN:
        raise closed(order)
    if held_by is not ANYBODY and order.assigned_to_id != held_by:
        name = order.assigned_to.get_full_name() if order.assigned_to else "Nobody"
        since = order_version.clock(order.assigned_at)
        raise DomainError("order_assigned", f"{name} has been assigned this order since {since}.")
    order.assigned_to, order.assigned_at = to, now if to else None
    order.save(update_fields=["assigned_to", "assigned_at"])
    if by.user_id is not None:
        words = f"Assigned the order to {to.get_full_name()}." if to else "Put the order back to the queue."
        LogEntry.objects.log_actions(by.user_id, [order], CHANGE, words, single_object=True)
    return order


def unassign(*, order: Order, by: Actor, now: datetime) -> Order:
    """Back to the queue. Raises ``order_closed``."""
    return assign(order=order, to=None, by=by, now=now)


def is_reviewer(user: User) -> bool:
    return user.is_active and user.is_staff and user.has_perm("numbers.review_order")


def closed(order: Order) -> DomainError:
    """Why nothing can be decided any more: what happened, by whom and when."""
    who = order.decided_by.get_full_name() if order.decided_by else "Someone"
    when = order_version.clock(order.decided_at or order.closed_at)
    words = {
        Order.Status.APPROVED: f"{who} approved this order on {when}; it is being activated.",
        Order.Status.ACTIVE: f"{who} approved this order on {when}; the number has been activated.",
        Order.Status.REJECTED: f"{who} rejected this order on {when}: {order.reason}",
        Order.Status.CANCELLED: f"The customer cancelled this order on {order_version.clock(order.closed_at)}.",
        Order.Status.EXPIRED: f"This order expired on {order_version.clock(order.closed_at)}.",
    }
    return DomainError("order_closed", words[Order.Status(order.status)], now=order.status)


def clean(text: str, field: str, limit: int, *, missing: str) -> str:
    """Text as it is stored. Raises ``text_missing``, ``text_too_long``, ``text_unreadable``."""
    text = "\n".join(text.strip().splitlines())
    if not text:
        raise DomainError("text_missing", missing, field=field, status=422)
    if len(text) > limit:
        raise DomainError("text_too_long", f"Use at most {limit} characters.", field=field, status=422)
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in text if each not in "\n\t"):
        raise DomainError("text_unreadable", "This contains characters that cannot be shown.", field=field, status=422)
    return text


def _offered(submission: Submission) -> tuple[Order, Submission]:
    """The order, locked, and the submission as it is since then."""
    order = lock_order(submission.line.order)
    rows = Submission.objects.select_related("document", "line", "decided_by")
    return order, rows.get(pk=submission.pk)


def _demand(order: Order, seen: str, by: Actor) -> None:
    if order.status not in Order.UNDECIDED:
        raise closed(order)
    if seen:
        order_version.check(order, seen, by.user_id)


def _demand_open(submission: Submission, verdict: str, seen: str) -> None:
    """``seen`` shows the verdict that is to be changed."""
    decided = submission.verdict != PENDING and not order_version.shows(seen, submission)
    if submission.verdict == verdict or decided:
        who = submission.decided_by.get_full_name() if submission.decided_by else "Someone"
        raise DomainError(
            "document_decided",
            f"{who} {submission.verdict} this document on {order_version.clock(submission.decided_at)}.",
        )


def _decide(submission: Submission, verdict: str, *, by: Actor, now: datetime, reason: str = "") -> None:
    submission.verdict, submission.reason, submission.carried_over = verdict, reason, False
    submission.decided_by_id, submission.decided_at = by.user_id, now
    submission.save(update_fields=["verdict", "reason", "carried_over", "decided_by", "decided_at"])


def _add_line(order: Order, *, title: str, explanation: str, types: list[DocumentType], by: Actor) -> None:
    last = order.requirements.aggregate(Max("position"))["position__max"] or 0
    if len(explanation) > EXPLANATION_LENGTH:
        explanation = explanation[: EXPLANATION_LENGTH - 1].rstrip() + "…"
    line = OrderRequirement.objects.create(
        order=order, position=last + 1, title=title, explanation=explanation, asked_by_id=by.user_id
    )
    line.document_types.set(types)


def _just_said(order: Order, kind: str, text: str, by: Actor) -> OrderMessage | None:
    """The newest message of the order, when it is this very one: a double click."""
    last = order.messages.order_by("id").last()
    same = last is not None and (last.kind, last.text, last.author_id) == (kind, text, by.user_id)
    return last if same else None


def _say(order: Order, kind: str, text: str, *, by: Actor, now: datetime) -> OrderMessage:
    return OrderMessage.objects.create(order=order, kind=kind, text=text, author_id=by.user_id, created_at=now)


def _record(order: Order, action: str, by: Actor, subject: str, **facts: str) -> None:
    facts = {name: value for name, value in facts.items() if value}
    audit.record(
        project_id=order.project_id,
        by=by,
        action=action,
        subject=subject,
        order=str(order.ref),
        number=order.number.e164,
        **facts,
    )


def _mail(name: str, payload: dict[str, Any], now: datetime) -> None:
    which = ":".join(str(value) for value in payload.values() if isinstance(value, int))
    enqueue(f"numbers.{name}_mail", payload, key=f"numbers.{name}_mail:{which}:{now.timestamp()}")
