"""The documents that a project has uploaded: the list, and what became of each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Prefetch, Q, QuerySet, TextChoices, Value, When

from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders.models import Order
from projects.models import Project

PAGE_SIZE, USES_SHOWN = 25, 3
SOON = 30  # days before its end that an expiry is worth a badge
Inspection, Verdict = Document.Inspection, Submission.Verdict


class State(TextChoices):
    """What became of an uploaded document, as its owner reads it."""

    CHECKING = "checking", "Being checked"
    REVIEW = "review", "In review"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    UNUSED = "unused", "Not used yet"
    REPLACED = "replaced", "Replaced"
    DESTROYED = "destroyed", "Deleted"


@dataclass(frozen=True, slots=True)
class Use:
    """An order that a document was submitted for."""

    order: Order
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """An uploaded document as its owner reads it."""

    document: Document
    state: State
    uses: list[Use]  # newest first, one for each order
    today: date

    @property
    def label(self) -> str:
        return str(self.state.label)

    @property
    def reason(self) -> str:
        """Of the latest rejection by a reviewer, or what the inspection has to say."""
        rejected = next((use.reason for use in self.uses if use.reason), "") if self.state == State.REJECTED else ""
        return rejected or (self.document.remark if self.document.withdrawn_at is None else "")

    @property
    def days_left(self) -> int | None:
        """Of its validity, the last day included; negative when it has expired, None when it does not."""
        expires_on = self.document.expires_on
        return (expires_on - self.today).days if expires_on else None

    @property
    def expires_soon(self) -> bool:
        return self.days_left is not None and 0 <= self.days_left <= SOON

    @property
    def has_expired(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def uses_shown(self) -> list[Use]:
        return self.uses[:USES_SHOWN]

    @property
    def uses_left_out(self) -> int:
        return max(len(self.uses) - USES_SHOWN, 0)


@dataclass(frozen=True, slots=True)
class DocumentPage:
    documents: list[DocumentRow]
    next_before: int | None  # of the following page


def documents_page(
    project: Project, today: date, *, q: str = "", type: str = "", state: str = "", before: int | None = None
) -> DocumentPage:
    """A page of the project's documents, newest first; two queries. ``type`` is a code, ``state`` a :class:`State`."""
    found = with_state(Document.objects.filter(project=project)).select_related("type", "uploaded_by")
    found = found.prefetch_related(
        Prefetch("submissions", Submission.objects.select_related("requirement__order__number").order_by("-id"))
    )
    if q:
        found = found.filter(Q(name__icontains=q) | Q(original_name__icontains=q))
    if type:
        found = found.filter(type__code=type)
    if state:
        found = found.filter(state=state)
    if before is not None:
        found = found.filter(id__lt=before)
    rows = list(found.order_by("-id")[: PAGE_SIZE + 1])
    page = [DocumentRow(row, State(row.state), _uses(row), today) for row in rows[:PAGE_SIZE]]
    return DocumentPage(page, rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None)


def with_state(documents: QuerySet[Document]) -> QuerySet[Any]:
    """Adds ``state``, a :class:`State`. What waits for an order that has ended waits no more."""
    submitted = Submission.objects.filter(document=OuterRef("pk"))
    replaced = Exists(Document.objects.filter(replaces=OuterRef("pk"), withdrawn_at=None, inspection=Inspection.PASSED))
    gone = Q(withdrawn_at__isnull=False) | Q(purged_at__isnull=False)
    in_review = submitted.filter(verdict=Verdict.PENDING, requirement__order__status__in=Order.OPEN)
    return documents.annotate(
        state=Case(
            When(inspection__in=[Inspection.REJECTED, Inspection.FAILED], then=Value(State.REJECTED)),
            When(replaced, then=Value(State.REPLACED)),
            When(gone, then=Value(State.DESTROYED)),
            When(inspection=Inspection.PENDING, then=Value(State.CHECKING)),
            When(Exists(in_review), then=Value(State.REVIEW)),
            When(Exists(submitted.filter(verdict=Verdict.ACCEPTED)), then=Value(State.ACCEPTED)),
            When(Exists(submitted.filter(verdict=Verdict.REJECTED)), then=Value(State.REJECTED)),
            default=Value(State.UNUSED),
            output_field=CharField(),
        )
    )


def _uses(document: Document) -> list[Use]:
    by_order: dict[int, Use] = {}
    for each in document.submissions.all():
        order = each.requirement.order
        by_order.setdefault(order.pk, Use(order, each.verdict, each.reason))
    return list(by_order.values())
