"""What happened to an order since somebody looked at it: a decision must not rest on an outdated page.

A page carries the :class:`Mark` of what it shows. Whoever decides hands it back; when it no longer fits, nothing is
decided and the person reads what changed, and by whom.
"""

import re
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime

from django.db.models import Count, Max, Q

from numbers.compliance.models import OrderRequirement, Submission
from numbers.orders.models import Order, OrderMessage
from portal.accounts.models import User
from portal.core.errors import DomainError

_MARK = re.compile(r"([a-z_]{1,20})((?:\.[0-9]{1,18}){7})")
EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Mark:
    """The state of an order's papers and conversation: the newest row of each kind, and what was decided."""

    status: str
    line: int = 0
    submission: int = 0
    accepted: int = 0
    rejected: int = 0
    decided: int = 0  # microseconds since 1970 of the latest decision on a document
    withdrawn: int = 0
    message: int = 0

    def __str__(self) -> str:
        return ".".join(str(each) for each in astuple(self))

    @classmethod
    def parse(cls, text: str) -> "Mark | None":
        found = _MARK.fullmatch(text)
        return cls(found[1], *(int(part) for part in found[2].split(".")[1:])) if found else None


def mark(order_id: int) -> Mark:
    """As things stand now; three queries."""
    papers = OrderRequirement.objects.filter(order=order_id).aggregate(
        line=Max("id"),
        submission=Max("submissions__id"),
        accepted=Count("submissions", filter=Q(submissions__verdict=Submission.Verdict.ACCEPTED)),
        rejected=Count("submissions", filter=Q(submissions__verdict=Submission.Verdict.REJECTED)),
        decided=Max("submissions__decided_at"),
        withdrawn=Count("submissions", filter=Q(submissions__document__withdrawn_at__isnull=False)),
    )
    message = OrderMessage.objects.filter(order=order_id).aggregate(Max("id"))["id__max"]
    status = Order.objects.values_list("status", flat=True).get(pk=order_id)
    numbers = {name: value or 0 for name, value in papers.items() if name != "decided"}
    return Mark(status, decided=_microseconds(papers["decided"]), message=message or 0, **numbers)


def check(order: Order, seen: str, me: int | None) -> None:
    """Raises ``page_outdated`` (with ``changes``) unless the order is as ``seen`` says, or the only changes are those
    of ``me`` (a person's id), in another tab for instance. Call with its row locked."""
    now = mark(order.pk)
    if str(now) == seen:
        return
    was = Mark.parse(seen)
    found = _since(order, was, now, me) if was else Changes()
    if found.mine and not found.told:
        return
    told = " ".join(found.told) or "The documents of this order have changed."
    raise DomainError(
        "page_outdated",
        f"Nothing was changed because the page was out of date. {told} Check again, then decide.",
        changes=found.told,
    )


def since(order: Order, was: Mark, now: Mark, *, besides: int | None = None) -> list[str]:
    """In sentences for staff; what the person ``besides`` did is no news to them."""
    return _since(order, was, now, besides).told


def shows(seen: str, submission: Submission) -> bool:
    """A page with this mark shows the verdict on the document as it is now."""
    was = Mark.parse(seen)
    return was is not None and _microseconds(submission.decided_at) <= was.decided


@dataclass(slots=True)
class Changes:
    told: list[str] = field(default_factory=list)
    mine: bool = False

    def add(self, who: int | None, me: int | None, words: str) -> None:
        if me is not None and who == me:
            self.mine = True
        else:
            self.told.append(words)


def _since(order: Order, was: Mark, now: Mark, me: int | None) -> Changes:
    found = Changes()
    submissions = Submission.objects.select_related("document", "decided_by").filter(line__order=order).order_by("id")
    for each in submissions:
        decided = each.decided_at is not None and _microseconds(each.decided_at) > was.decided
        if decided and not each.carried_over:
            found.add(
                each.decided_by_id,
                me,
                f"{_name(each.decided_by)} {each.verdict} “{each.document.name}” at {clock(each.decided_at)}.",
            )
        elif each.pk > was.submission:
            found.add(None, me, f"“{each.document.name}” was submitted at {clock(each.created_at)}.")
    if now.withdrawn > was.withdrawn:
        found.add(None, me, "The customer withdrew a document.")
    for line in OrderRequirement.objects.select_related("asked_by").filter(order=order, pk__gt=was.line):
        found.add(line.asked_by_id, me, f"{_name(line.asked_by)} asked for “{line.title}”.")
    messages = OrderMessage.objects.select_related("author").filter(order=order, pk__gt=was.message)
    for message in messages:
        found.add(message.author_id, me, said(message))
    if now.status != was.status:
        _add_status(found, order, now, me)
    return found


def _add_status(found: Changes, order: Order, now: Mark, me: int | None) -> None:
    """A new status follows from what somebody did; without such a thing, from whoever decided on the order."""
    mine = found.mine and not found.told
    decided_by = Order.objects.values_list("decided_by", flat=True).get(pk=order.pk)
    words = Changes()
    words.add(me if mine else decided_by, me, f"The order is now “{Order.Status(now.status).label}”.")
    found.told[:0], found.mine = words.told, found.mine or words.mine


def _name(user: User | None) -> str:
    return user.get_full_name() if user else "Someone"


def said(message: OrderMessage) -> str:
    who = _name(message.author)
    text = message.text if len(message.text) <= EXCERPT else message.text[: EXCERPT - 1].rstrip() + "…"
    return {
        OrderMessage.Kind.QUESTION: f"{who} asked the customer: “{text}”",
        OrderMessage.Kind.ANSWER: f"The customer answered: “{text}”",
        OrderMessage.Kind.NOTE: f"{who} noted: “{text}”",
    }[OrderMessage.Kind(message.kind)]


def clock(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%-d %b, %H:%M} UTC" if at else "an unknown time"


def _microseconds(at: datetime | None) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond if at else 0
