"""What reviewers decide about a document that was submitted for an order."""

from datetime import datetime

from django.db import transaction

from numbers.compliance import completeness
from numbers.compliance.models import Submission
from numbers.desk import document_views, order_version
from numbers.desk.presenters import name_of, time_of
from numbers.desk.review import trail
from numbers.desk.review.guards import require_undecided
from numbers.orders import lifecycle
from numbers.orders.lifecycle import lock_order
from numbers.orders.models import Order
from portal.core.errors import DomainError
from portal.core.text import clean_text
from projects.actor import Actor

REASON_LENGTH = 500
PENDING, ACCEPTED, REJECTED = Submission.Verdict.PENDING, Submission.Verdict.ACCEPTED, Submission.Verdict.REJECTED


@transaction.atomic
def accept(*, submission: Submission, by: Actor, now: datetime, seen: str = "", unopened: bool = False) -> Submission:
    """The document meets the requirement. One that nobody of the team has opened is accepted with ``unopened`` only,
    and the trail says so.

    Raises ``order_closed``, ``page_outdated``, ``document_decided`` (someone decided on it before; with ``seen`` one
    may change one's mind), ``document_unusable`` (withdrawn, purged or expired), ``document_unopened``.
    """
    order, submission = _lock(submission)
    if submission.verdict == ACCEPTED and submission.decided_by_id == by.user_id:
        return submission
    require_undecided(order, seen, by)
    _require_open_verdict(submission, ACCEPTED, seen)
    if not submission.document.is_valid_on(now.date()):
        raise DomainError("document_unusable", "This document was withdrawn or has expired; it cannot be accepted.")
    is_viewed = bool(document_views.viewed([submission.document]))
    if not is_viewed and not unopened:
        raise _not_viewed(submission)
    _decide(submission, ACCEPTED, by=by, now=now)
    action = "document.accepted" if is_viewed else "document.accepted_unopened"
    document = submission.document
    trail.record(order, action, by, document.name, document=str(document.ref), line=submission.requirement.title)
    completeness.update_completeness(order, now=now)
    return submission


@transaction.atomic
def reject(*, submission: Submission, reason: str, by: Actor, now: datetime, seen: str = "") -> Submission:
    """The document does not meet the requirement; the customer reads why, and gets time to submit another.

    Raises ``text_missing``, ``text_too_long``, ``text_unreadable`` (field ``reason``), and as :func:`accept`.
    """
    missing = "Enter a reason: the customer reads it and has to act on it."
    reason = clean_text(reason, field="reason", most=REASON_LENGTH, missing=missing)
    order, submission = _lock(submission)
    if (submission.verdict, submission.decided_by_id, submission.reason) == (REJECTED, by.user_id, reason):
        return submission
    require_undecided(order, seen, by)
    _require_open_verdict(submission, REJECTED, seen)
    _decide(submission, REJECTED, by=by, now=now, reason=reason)
    trail.record(
        order, "document.rejected", by, submission.document.name, line=submission.requirement.title, reason=reason
    )
    completeness.update_completeness(order, now=now)
    if order.status == Order.Status.ORDERED:
        lifecycle.transition(order, Order.Status.DOCUMENTS_REQUESTED, now=now)
    completeness.extend_expiry(order, now)
    trail.queue_mail("document_rejected", {"submission": submission.pk}, now)
    return submission


def _lock(submission: Submission) -> tuple[Order, Submission]:
    """The order, locked, and the submission as it is since then."""
    order = lock_order(submission.requirement.order)
    rows = Submission.objects.select_related("document", "requirement", "decided_by")
    return order, rows.get(pk=submission.pk)


def _require_open_verdict(submission: Submission, verdict: str, seen: str) -> None:
    """A verdict may be changed into another by who saw it. Raises ``document_decided``."""
    decided = submission.verdict != PENDING and not order_version.shows_verdict(seen, submission)
    if submission.verdict == verdict or decided:
        who, when = name_of(submission.decided_by), time_of(submission.decided_at)
        raise DomainError("document_decided", f"{who} {submission.verdict} this document on {when}.")


def _not_viewed(submission: Submission) -> DomainError:
    return DomainError(
        "document_unopened",
        f"Nobody has opened “{submission.document.name}” yet. View it first, or confirm that you accept it unopened.",
        field="unopened",
    )


def _decide(submission: Submission, verdict: str, *, by: Actor, now: datetime, reason: str = "") -> None:
    submission.verdict, submission.reason, submission.carried_over = verdict, reason, False
    submission.decided_by_id, submission.decided_at = by.user_id, now
    submission.save(update_fields=["verdict", "reason", "carried_over", "decided_by", "decided_at"])
