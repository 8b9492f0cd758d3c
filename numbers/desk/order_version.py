"""Optimistic lock of an order: a decision must not rest on an outdated page.

A page carries the :class:`OrderVersion` that it shows. Whoever decides sends it back; when the order is another by now,
nothing is decided and the person reads what changed, and by whom.
"""

import re
from dataclasses import astuple, dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Q

from numbers.compliance.models import OrderRequirement, Submission
from numbers.desk.presenters import name_of, time_of
from numbers.orders.models import Order, OrderMessage
from portal.core.errors import DomainError

_VERSION = re.compile(r"([a-z_]{1,20})((?:\.[0-9]{1,18}){7})")
EXCERPT = 60


@dataclass(frozen=True, slots=True)
class OrderVersion:
    """The state of an order's documents and conversation: the newest row of each kind, and what was decided."""

    status: str
    requirement: int = 0
    submission: int = 0
    accepted: int = 0
    rejected: int = 0
    decided: int = 0  # microseconds since 1970 of the latest decision on a document
    withdrawn: int = 0
    message: int = 0

    def __str__(self) -> str:
        return ".".join(str(each) for each in astuple(self))

    @classmethod
    def parse(cls, text: str) -> "OrderVersion | None":
        found = _VERSION.fullmatch(text)
        return cls(found[1], *(int(part) for part in found[2].split(".")[1:])) if found else None


def current_version(order_id: int) -> OrderVersion:
    """Three queries."""
    found = OrderRequirement.objects.filter(order=order_id).aggregate(
        requirement=Max("id"),
        submission=Max("submissions__id"),
        accepted=Count("submissions", filter=Q(submissions__verdict=Submission.Verdict.ACCEPTED)),
        rejected=Count("submissions", filter=Q(submissions__verdict=Submission.Verdict.REJECTED)),
        decided=Max("submissions__decided_at"),
        withdrawn=Count("submissions", filter=Q(submissions__document__withdrawn_at__isnull=False)),
    )
    message = OrderMessage.objects.filter(order=order_id).aggregate(Max("id"))["id__max"]
    status = Order.objects.values_list("status", flat=True).get(pk=order_id)
    numbers = {name: value or 0 for name, value in found.items() if name != "decided"}
    return OrderVersion(status, decided=_microseconds(found["decided"]), message=message or 0, **numbers)


def require_current(order: Order, seen: str, reviewer_id: int | None) -> None:
    """Raises ``page_outdated`` (with ``changes``) unless the order is as ``seen`` says, or the only changes are those
    of the reviewer, in another tab for instance. Call with its row locked."""
    now = current_version(order.pk)
    if str(now) == seen:
        return
    before = OrderVersion.parse(seen)
    changes = _changes(order, before, now, reviewer_id) if before else Changes()
    if changes.has_own and not changes.of_others:
        return
    summary = " ".join(changes.of_others) or "The documents of this order have changed."
    raise DomainError(
        "page_outdated",
        f"Nothing was changed because the page was out of date. {summary} Check again, then decide.",
        changes=changes.of_others,
    )


def changes_since(
    order: Order, before: OrderVersion, now: OrderVersion, *, reviewer_id: int | None = None
) -> list[str]:
    """In sentences for staff, without what the reviewer did."""
    return _changes(order, before, now, reviewer_id).of_others


def shows_verdict(seen: str, submission: Submission) -> bool:
    """Whether this version of the order has the verdict on the document as it is now."""
    version = OrderVersion.parse(seen)
    return version is not None and _microseconds(submission.decided_at) <= version.decided


@dataclass(slots=True)
class Changes:
    reviewer_id: int | None = None
    of_others: list[str] = field(default_factory=list)
    has_own: bool = False

    def add(self, user_id: int | None, sentence: str) -> None:
        if self._is_own(user_id):
            self.has_own = True
        else:
            self.of_others.append(sentence)

    def add_status(self, status: str, decided_by_id: int | None) -> None:
        """A new status follows from what someone did; without such a thing, from whoever decided on the order."""
        only_own = self.has_own and not self.of_others
        if self._is_own(self.reviewer_id if only_own else decided_by_id):
            self.has_own = True
        else:
            self.of_others.insert(0, f"The order is now “{Order.Status(status).label}”.")

    def _is_own(self, user_id: int | None) -> bool:
        return self.reviewer_id is not None and user_id == self.reviewer_id


def _changes(order: Order, before: OrderVersion, now: OrderVersion, reviewer_id: int | None) -> Changes:
    changes = Changes(reviewer_id)
    _add_documents(changes, order, before, now)
    for each in OrderRequirement.objects.select_related("requested_by").filter(order=order, pk__gt=before.requirement):
        changes.add(each.requested_by_id, f"{name_of(each.requested_by)} asked for “{each.title}”.")
    for message in OrderMessage.objects.select_related("author").filter(order=order, pk__gt=before.message):
        changes.add(message.author_id, _message_summary(message))
    if now.status != before.status:
        decided_by_id = Order.objects.values_list("decided_by", flat=True).get(pk=order.pk)
        changes.add_status(now.status, decided_by_id)
    return changes


def _add_documents(changes: Changes, order: Order, before: OrderVersion, now: OrderVersion) -> None:
    submissions = (
        Submission.objects.select_related("document", "decided_by").filter(requirement__order=order).order_by("id")
    )
    for each in submissions:
        decided = each.decided_at is not None and _microseconds(each.decided_at) > before.decided
        name = each.document.name
        if decided and not each.carried_over:
            sentence = f"{name_of(each.decided_by)} {each.verdict} “{name}” at {time_of(each.decided_at)}."
            changes.add(each.decided_by_id, sentence)
        elif each.pk > before.submission:
            changes.add(None, f"“{name}” was submitted at {time_of(each.created_at)}.")
    if now.withdrawn > before.withdrawn:
        changes.add(None, "The customer withdrew a document.")


def _message_summary(message: OrderMessage) -> str:
    who = name_of(message.author)
    text = message.text if len(message.text) <= EXCERPT else message.text[: EXCERPT - 1].rstrip() + "…"
    return {
        OrderMessage.Kind.QUESTION: f"{who} asked the customer: “{text}”",
        OrderMessage.Kind.ANSWER: f"The customer answered: “{text}”",
        OrderMessage.Kind.NOTE: f"{who} noted: “{text}”",
    }[OrderMessage.Kind(message.kind)]


def _microseconds(at: datetime | None) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond if at else 0
