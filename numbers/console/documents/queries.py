"""Reads on a project's documents: what its open orders need, and what it has uploaded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Exists, OuterRef, Prefetch, Q, QuerySet, TextChoices, Value, When

from numbers.compliance.checklist import (
    WITH_CHECKLIST,
    ChecklistItem,
    OrderChecklist,
    items,
    order_checklist,
)
from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders.models import Order
from numbers.regulations.models import DocumentType
from projects.models import Project

PAGE_SIZE, ORDERS_SHOWN, USES_SHOWN = 25, 50, 3
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
class SubmissionRow:
    """A submitted document, as its owner reads it under the requirement."""

    submission: Submission
    state: str  # accepted, review, rejected, expired

    @property
    def document(self) -> Document:
        return self.submission.document


@dataclass(frozen=True, slots=True)
class RequirementRow:
    item: ChecklistItem
    submissions: list[SubmissionRow]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An open order and its checklist."""

    checklist: OrderChecklist
    days_left: int | None

    @property
    def order(self) -> Order:
        return self.checklist.order

    @property
    def missing(self) -> int:
        return self.checklist.missing

    @property
    def requirements(self) -> list[RequirementRow]:
        return [RequirementRow(item, _submissions(item)) for item in self.checklist.items]


@dataclass(frozen=True, slots=True)
class OpenOrders:
    rows: list[OrderRow]  # those that lack something first, the oldest first
    more: bool  # there are others beyond the limit

    @property
    def missing(self) -> int:
        return sum(row.missing for row in self.rows)

    @property
    def incomplete(self) -> int:
        """Orders that lack something."""
        return sum(row.missing > 0 for row in self.rows)


def open_orders(project: Project, now: datetime) -> OpenOrders:
    """What the project's open orders need; four queries, however many orders there are."""
    found = _orders(project).order_by(Case(When(status=Order.Status.IN_REVIEW, then=1), default=0), "id")
    orders = list(found[: ORDERS_SHOWN + 1])
    rows = [order_row(order, now.date()) for order in orders[:ORDERS_SHOWN]]
    return OpenOrders([each for each in rows if each.checklist.items], len(orders) > ORDERS_SHOWN)


def order_row(order: Order, today: date) -> OrderRow:
    """``order`` with its number and checklist."""
    return OrderRow(order_checklist(order, today), order.days_left(today))


def _orders(project: Project) -> QuerySet[Order]:
    """The undecided ones, with number and checklist."""
    orders = Order.objects.filter(project=project, status__in=Order.UNDECIDED)
    return orders.select_related("number").prefetch_related(*WITH_CHECKLIST)


def _submissions(item: ChecklistItem) -> list[SubmissionRow]:
    """What counts, and as long as something is missing, what does not count and why."""
    found = []
    for each in item.submissions:
        if each.verdict == Verdict.REJECTED:
            state = "rejected"
        elif each.document.is_valid_on(item.today):
            state = "accepted" if each.verdict == Verdict.ACCEPTED else "review"
        else:
            state = "expired"
        counts = state in ("accepted", "review")
        if counts or (item.missing and each.document.withdrawn_at is None):
            found.append(SubmissionRow(each, state))
    return found


# -- what was uploaded -----------------------------------------------------------------------------------------


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


# -- for uploading ---------------------------------------------------------------------------------------------


def active_types() -> QuerySet[DocumentType]:
    return DocumentType.objects.filter(is_active=True)


def types_in_use(project: Project) -> QuerySet[DocumentType]:
    """For the filter: what may be uploaded and what was."""
    mine = Document.objects.filter(project=project, type=OuterRef("pk"))
    return DocumentType.objects.filter(Q(is_active=True) | Exists(mine))


def missing_types(orders: Iterable[Order], today: date) -> set[int]:
    """Ids of the types that something missing could be."""
    return {kind.pk for order in orders for item in items(order, today) if item.missing for kind in item.types}


def undecided_orders(project: Project) -> list[Order]:
    return list(_orders(project).order_by("id")[:ORDERS_SHOWN])


def undecided_order(project: Project, ref: UUID) -> Order | None:
    return _orders(project).filter(ref=ref).first()


def document(project: Project, ref: UUID) -> Document | None:
    return Document.objects.select_related("type").filter(project=project, ref=ref).first()


def orders_by_document(documents: Iterable[Document]) -> dict[int, list[Order]]:
    """By the document's id: undecided orders it was submitted for and not rejected for, with numbers."""
    submissions = Submission.objects.filter(document__in=documents, requirement__order__status__in=Order.UNDECIDED)
    found: dict[int, list[Order]] = {}
    for each in (
        submissions.exclude(verdict=Submission.Verdict.REJECTED)
        .select_related("requirement__order__number")
        .order_by("requirement__order", "id")
    ):
        orders = found.setdefault(each.document_id, [])
        if each.requirement.order not in orders:
            orders.append(each.requirement.order)
    return found
