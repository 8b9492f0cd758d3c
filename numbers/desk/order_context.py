"""What the template of an order's page shows, read in a bounded number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Prefetch

from numbers.compliance import approval, checklist
from numbers.compliance.models import Submission
from numbers.desk import document_views, presenters, queue
from numbers.desk.customer import customer_of
from numbers.desk.forms import AcceptForm, AskForm, AssignForm, NoteForm, RejectDocumentForm, RejectForm
from numbers.desk.history import history_of
from numbers.desk.order_version import current_version
from numbers.desk.review.guards import order_closed
from numbers.inventory.models import Number
from numbers.orders.models import Order, OrderMessage
from portal.accounts.models import User

# What waits for us comes first.
RANK: dict[str, int] = {verdict: rank for rank, verdict in enumerate(Submission.Verdict)}
BoundForms = dict[str, forms.Form]  # the invalid form, by its key, with what was typed


@dataclass(frozen=True)
class SubmittedDocument:
    """A document that was submitted for a requirement, with the forms that decide on it."""

    submission: Submission
    is_good: bool
    is_expired: bool
    is_viewed: bool  # by someone of the team
    accept_form: AcceptForm
    reject_form: RejectDocumentForm


@dataclass(frozen=True)
class RequirementCard:
    item: checklist.ChecklistItem
    documents: list[SubmittedDocument]

    @property
    def state(self) -> str:
        """As in the checklist; but what waits for us comes before what the customer has still to submit."""
        return "review" if self.item.state == "missing" and self.item.pending else self.item.state


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


class OrderContext:
    """``bound`` holds the invalid form of this request, if any; the others are fresh."""

    def __init__(
        self, order: Order, *, user: User, now: datetime, may_review: bool, bound: BoundForms | None = None
    ) -> None:
        self.order, self.user, self.now, self.bound = order, user, now, bound or {}
        self.number: Number = order.number
        self.items = checklist.items(order, now.date())
        self.version = current_version(order.pk)
        self.undecided = order.status in Order.UNDECIDED
        self.may_review = may_review
        self.may_decide = may_review and self.undecided
        self.viewed = document_views.viewed([each.document for item in self.items for each in item.submissions])
        self.requirements = [self._requirement(item) for item in self.items]
        self.open_question = queue.has_open_question(order)
        self.activation = approval.activation_of(order)
        self.history = history_of(order)
        messages = list(order.messages.select_related("author").order_by("id"))
        self.messages = [each for each in messages if each.kind != OrderMessage.Kind.NOTE]
        self.notes = [each for each in messages if each.kind == OrderMessage.Kind.NOTE]
        self.customer = customer_of(order)
        self.next_order = queue.next_for(user, beside=order)
        self.team = list(queue.reviewers())

    def _requirement(self, item: checklist.ChecklistItem) -> RequirementCard:
        documents = [self._document(each) for each in sorted(item.submissions, key=lambda each: RANK[each.verdict])]
        return RequirementCard(item, documents)

    def _document(self, submission: Submission) -> SubmittedDocument:
        today, document = self.now.date(), submission.document
        return SubmittedDocument(
            submission,
            is_good=document.is_valid_on(today),
            is_expired=document.expires_on is not None and document.expires_on < today,
            is_viewed=str(document.ref) in self.viewed,
            accept_form=self._form(f"accept-{submission.pk}", AcceptForm),
            reject_form=self._form(f"reject-document-{submission.pk}", RejectDocumentForm),
        )

    def _form(self, key: str, form_class: type[forms.Form], **options: Any) -> Any:
        return self.bound.get(key) or form_class(auto_id=f"{key}-%s", **options)

    @property
    def ask_form(self) -> forms.Form:
        return self._form("ask", AskForm)

    @property
    def reject_form(self) -> forms.Form:
        return self._form("reject", RejectForm)

    @property
    def note_form(self) -> forms.Form:
        return self._form("note", NoteForm)

    @property
    def assign_form(self) -> forms.Form:
        colleagues = [(each.pk, each.get_full_name()) for each in self.team if each.pk != self.user.pk]
        return self._form("assign", AssignForm, team=colleagues)

    @property
    def deadline(self) -> presenters.ReviewDeadline | None:
        return presenters.review_deadline(self.order, self.now)

    @property
    def next_step(self) -> str:
        failed = self.activation.failed
        return presenters.next_step(self.order, self.items, open_question=self.open_question, activation_failed=failed)

    @property
    def unaccepted(self) -> list[str]:
        """Titles of the requirements that stand in the way of an approval."""
        return [item.requirement.title for item in self.items if not item.is_accepted]

    @property
    def may_approve(self) -> bool:
        return self.order.status == Order.Status.IN_REVIEW and not self.unaccepted and self.order.project.is_active

    @property
    def closed_reason(self) -> str:
        """What became of it, in words; empty while it can be decided."""
        return "" if self.undecided else order_closed(self.order).message


def first_to_check(order_id: int, now: datetime) -> int | None:
    """The first submission that waits for us."""
    items = checklist.items(Order.objects.get(pk=order_id), now.date())
    pending = (each for item in items for each in item.submissions if each.verdict == Submission.Verdict.PENDING)
    return next((each.pk for each in pending if each.document.is_valid_on(now.date())), None)


def find_order(order_id: int) -> Order | None:
    """With its requirements, submissions and people."""
    rows = queue.with_questions(Order.objects.all()).select_related(
        "number", "project", "assigned_to", "decided_by", "ordered_by"
    )
    submissions = Submission.objects.select_related("document__type", "decided_by")
    return (
        rows.prefetch_related(
            "requirements__document_types",
            "requirements__requested_by",
            Prefetch("requirements__submissions", queryset=submissions),
        )
        .filter(pk=order_id)
        .first()
    )


def find_submission(order_id: int, submission_id: int) -> Submission | None:
    """Of this order and of no other."""
    rows = Submission.objects.select_related(
        "document__type", "requirement__order__number", "requirement__order__project"
    )
    return rows.filter(pk=submission_id, requirement__order=order_id).first()


def find_viewer(order: Order, submission_id: int | None, page: int | None) -> Viewer | None:
    """Of the document that the address names, if this order has it and it is still there."""
    for requirement in order.requirements.all():
        for submission in requirement.submissions.all():
            if submission.pk == submission_id:
                last = submission.document.pages
                return Viewer(submission, min(max(page or 1, 1), last)) if submission.document.is_there else None
    return None
