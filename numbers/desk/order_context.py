"""All that the page of an order shows, read in a bounded number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Prefetch

from numbers.compliance import approval, checklist
from numbers.compliance.models import Submission
from numbers.desk import customer, document_views, history, order_version, presenters, queue
from numbers.desk.forms import AcceptForm, AskForm, HandToForm, NoteForm, RefuseForm, RejectForm
from numbers.desk.review import closed
from numbers.inventory.models import Number
from numbers.orders.models import Order, OrderMessage
from numbers.regulations.addresses import address_in_words
from portal.accounts.models import User

RANK: dict[str, int] = {
    verdict: rank for rank, verdict in enumerate(Submission.Verdict)
}  # what waits for us comes first
Bound = dict[str, forms.Form]  # the form that was refused, by its key, with what was typed


@dataclass(frozen=True)
class Offered:
    """A document that was handed in for a line."""

    submission: Submission
    is_good: bool
    expired: bool
    refuse: RefuseForm
    accept: AcceptForm
    is_opened: bool  # by somebody of the team

    @property
    def key(self) -> str:
        return f"refuse-{self.submission.pk}"


@dataclass(frozen=True)
class AskedFor:
    line: checklist.Line
    scope: str  # where an address must be, in words
    offered: list[Offered]

    @property
    def state(self) -> str:
        """``accepted``, ``check`` (something waits for us) or ``missing`` (the customer owes something)."""
        if self.line.is_accepted:
            return "accepted"
        return "missing" if self.line.missing and not self.line.pending else "check"


@dataclass(frozen=True)
class Viewer:
    """The one document that is open on the page, at one of its pages."""

    submission: Submission
    page: int

    @property
    def pages(self) -> int:
        return self.submission.document.pages

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def following(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None


class Page:
    """``bound`` holds the refused form of this request, if any; the others are fresh."""

    def __init__(self, order: Order, *, me: User, now: datetime, may_review: bool, bound: Bound | None = None) -> None:
        self.order, self.me, self.now, self.bound = order, me, now, bound or {}
        self.number: Number = order.number
        self.lines = checklist.lines(order, now.date())
        self.mark = order_version.mark(order.pk)
        self.undecided = order.status in Order.UNDECIDED
        self.may_review = may_review
        self.may_decide = may_review and self.undecided
        self.opened = document_views.opened([each.document for line in self.lines for each in line.submissions])
        self.asked_for = [self._asked_for(line) for line in self.lines]
        self.open_question = queue.has_open_question(order)
        self.handover = approval.activation_of(order)
        self.events = history.of(order)
        said = list(order.messages.select_related("author").order_by("id"))
        self.messages = [each for each in said if each.kind != OrderMessage.Kind.NOTE]
        self.notes = [each for each in said if each.kind == OrderMessage.Kind.NOTE]
        self.customer = customer.of(order)
        self.next = queue.next_for(me, beside=order)
        self.team = list(queue.reviewers())

    def _asked_for(self, line: checklist.Line) -> AskedFor:
        offered = [self._offered(each) for each in sorted(line.submissions, key=lambda each: RANK[each.verdict])]
        return AskedFor(line, address_in_words(line.asked.address_scope, self.number), offered)

    def _offered(self, submission: Submission) -> Offered:
        today, document = self.now.date(), submission.document
        expired = document.expires_on is not None and document.expires_on < today
        return Offered(
            submission,
            checklist.is_good(document, today),
            expired,
            self.form(f"refuse-{submission.pk}", RefuseForm),
            self.form(f"accept-{submission.pk}", AcceptForm),
            str(document.ref) in self.opened,
        )

    def form(self, key: str, form_class: type[forms.Form], **options: Any) -> Any:
        return self.bound.get(key) or form_class(auto_id=f"{key}-%s", **options)

    @property
    def ask(self) -> forms.Form:
        return self.form("ask", AskForm)

    @property
    def reject(self) -> forms.Form:
        return self.form("reject", RejectForm)

    @property
    def note(self) -> forms.Form:
        return self.form("note", NoteForm)

    @property
    def hand_to(self) -> forms.Form:
        colleagues = [(each.pk, each.get_full_name()) for each in self.team if each.pk != self.me.pk]
        return self.form("assign", HandToForm, team=colleagues)

    @property
    def waiting(self) -> presenters.Waiting | None:
        ours = self.order.status == Order.Status.IN_REVIEW and self.order.submitted_at is not None
        return presenters.Waiting(self.order.submitted_at, self.now) if ours and self.order.submitted_at else None

    @property
    def pending(self) -> str:
        return presenters.pending(self.order, self.lines, open_question=self.open_question, failed=self.handover.failed)

    @property
    def unaccepted(self) -> list[str]:
        """Titles of the lines that stand in the way of an approval."""
        return [line.asked.title for line in self.lines if not line.is_accepted]

    @property
    def may_approve(self) -> bool:
        return self.order.status == Order.Status.IN_REVIEW and not self.unaccepted and self.order.project.is_active

    @property
    def closed(self) -> str:
        """What became of it, in words; empty while it can be decided."""
        return "" if self.undecided else closed(self.order).message

    @property
    def next_to_check(self) -> int | None:
        """The first document that waits for us."""
        return first_to_check(self.lines)


def first_to_check(lines: list[checklist.Line]) -> int | None:
    return next(
        (
            each.pk
            for line in lines
            for each in line.submissions
            if each.verdict == Submission.Verdict.PENDING and checklist.is_good(each.document, line.today)
        ),
        None,
    )


def lines_of(order_id: int, now: datetime) -> list[checklist.Line]:
    return checklist.lines(Order.objects.get(pk=order_id), now.date())


def find(order_id: int) -> Order | None:
    """With its papers and people."""
    rows = queue.with_questions(Order.objects.all()).select_related(
        "number", "project", "assigned_to", "decided_by", "ordered_by"
    )
    decided = Submission.objects.select_related("document__type", "decided_by")
    return (
        rows.prefetch_related(
            "requirements__document_types",
            "requirements__asked_by",
            Prefetch("requirements__submissions", queryset=decided),
        )
        .filter(pk=order_id)
        .first()
    )


def find_submission(order_id: int, submission_id: int) -> Submission | None:
    """Of this order and of no other."""
    rows = Submission.objects.select_related("document__type", "line__order__number", "line__order__project")
    return rows.filter(pk=submission_id, line__order=order_id).first()


def viewer(order: Order, submission_id: int | None, page: int | None) -> Viewer | None:
    """What the address asks to be opened, if this order has it and it is still there."""
    for line in order.requirements.all():
        for submission in line.submissions.all():
            if submission.pk == submission_id:
                last = submission.document.pages
                return Viewer(submission, min(max(page or 1, 1), last)) if submission.document.is_there else None
    return None
