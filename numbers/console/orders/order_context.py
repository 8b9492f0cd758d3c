"""Reads on a project's orders: Ordered numbers, and the page of one order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from numbers.compliance.checklist import WITH_CHECKLIST, ChecklistItem, OrderChecklist, order_checklist
from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders import review_estimate
from numbers.orders.conversation import open_questions
from numbers.orders.models import Order, OrderMessage
from numbers.orders.review_estimate import ReviewEstimate
from portal.core import times
from projects.models import Project

ORDERS_SHOWN, CLOSED_SHOWN, DOCUMENTS_SHOWN = 100, 5, 100
CLOSED_WITHIN = timedelta(days=30)
# Where an order stands among its steps (:func:`steps`); one that has ended is beyond them.
CURRENT_STEP = {
    Order.Status.ORDERED: 1,
    Order.Status.DOCUMENTS_REQUESTED: 1,
    Order.Status.IN_REVIEW: 2,
    Order.Status.APPROVED: 4,
}


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """An order, what it lacks, and what it waits for."""

    checklist: OrderChecklist
    review_estimate: ReviewEstimate | None  # of an undecided order
    question: OrderMessage | None  # of our team, not yet answered
    now: datetime

    @property
    def order(self) -> Order:
        return self.checklist.order

    @property
    def missing(self) -> int:
        return self.checklist.missing

    @property
    def is_undecided(self) -> bool:
        return self.order.status in Order.UNDECIDED

    @property
    def waits_for_customer(self) -> bool:
        return self.order.status in Order.INCOMPLETE

    @property
    def age(self) -> str:
        return times.age(self.now - self.order.created_at)

    @property
    def days_left(self) -> int | None:
        return self.order.days_left(self.now.date())


@dataclass(frozen=True, slots=True)
class OrderedNumbers:
    open: list[OrderSummary]
    unfulfilled: list[Order]  # closed lately, without a number to show for it


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """A requirement of an order, and what the customer can do about it."""

    item: ChecklistItem
    documents: list[Document]  # of the project, that could be submitted

    @property
    def submissions(self) -> list[tuple[Submission, bool]]:
        """Each with whether its document is still valid."""
        return [(each, each.document.is_valid_on(self.item.today)) for each in self.item.submissions]


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    state: str  # done, current, ahead, ended
    at: datetime | None = None


def ordered_numbers(project: Project, now: datetime) -> OrderedNumbers:
    """Reserved, their money held, waiting for documents or for our team. Newest first; seven queries."""
    orders = Order.objects.filter(project=project).select_related("number").order_by("-id")
    found = list(orders.filter(status__in=Order.OPEN).prefetch_related(*WITH_CHECKLIST)[:ORDERS_SHOWN])
    estimates = review_estimate.estimates(found, now)
    questions = open_questions(found)
    summaries = [
        OrderSummary(order_checklist(order, now.date()), estimates.get(order.pk), questions.get(order.pk), now)
        for order in found
    ]
    closed = orders.filter(status__in=Order.UNFULFILLED, closed_at__gte=now - CLOSED_WITHIN)
    return OrderedNumbers(summaries, list(closed[:CLOSED_SHOWN]))


def order_summary(order: Order, now: datetime) -> OrderSummary:
    """``order`` with its number."""
    undecided = [order] if order.status in Order.UNDECIDED else []
    return OrderSummary(
        order_checklist(order, now.date()),
        review_estimate.estimates(undecided, now).get(order.pk),
        open_questions(undecided).get(order.pk),
        now,
    )


def requirement_rows(summary: OrderSummary) -> list[RequirementRow]:
    """One query more, for the documents that could be submitted."""
    items = summary.checklist.items
    types = {kind.pk for item in items if item.missing and summary.is_undecided for kind in item.types}
    documents = list(_valid_documents(summary.order, types, summary.now)) if types else []
    return [RequirementRow(item, _submittable(item, documents) if summary.is_undecided else []) for item in items]


def _submittable(item: ChecklistItem, documents: list[Document]) -> list[Document]:
    return [
        each
        for each in documents
        if item.missing and item.accepts_type(each.type_id) and not item.has_document(each.pk)
    ]


def _valid_documents(order: Order, type_ids: set[int], now: datetime) -> QuerySet[Document]:
    found = Document.objects.filter(Document.valid_on(now.date()), project_id=order.project_id, type_id__in=type_ids)
    return found.select_related("type").order_by("-id")[:DOCUMENTS_SHOWN]


def steps(checklist: OrderChecklist) -> list[Step]:
    """The way of an order from left to right; where it ended, if it did not become a number."""
    order = checklist.order
    way = [
        Step("Ordered", "done", order.created_at),
        Step("Documents" if checklist.items else "No documents needed", "ahead", order.submitted_at),
        Step("In review", "ahead"),
        Step("Approved", "ahead", order.decided_at),
        Step("Active", "ahead", order.closed_at),
    ]
    if order.status in Order.UNFULFILLED:
        done = way[:3] if order.submitted_at else way[:1]
        return [Step(each.label, "done", each.at) for each in done] + [
            Step(order.get_status_display(), "ended", order.closed_at)
        ]
    here = CURRENT_STEP.get(Order.Status(order.status), len(way))
    return [
        Step(each.label, "done" if n < here else "current" if n == here else "ahead", each.at if n < here else None)
        for n, each in enumerate(way)
    ]
