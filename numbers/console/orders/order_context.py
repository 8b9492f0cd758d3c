"""Reads on a project's orders: Ordered numbers, and the page of one order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from numbers.compliance import checklist
from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders import review_estimate
from numbers.orders.models import Order, OrderMessage
from numbers.orders.review_estimate import Clock
from numbers.regulations.addresses import address_in_words
from projects.models import Project

ORDERS_SHOWN, ENDED_SHOWN, DOCUMENTS_SHOWN = 100, 5, 100
ENDED_WITHIN = timedelta(days=30)
# Where an order stands among its steps (:func:`steps`); one that has ended is beyond them.
CURRENT_STEP = {
    Order.Status.ORDERED: 1,
    Order.Status.DOCUMENTS_REQUESTED: 1,
    Order.Status.IN_REVIEW: 2,
    Order.Status.APPROVED: 4,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An order and how it stands."""

    order: Order
    lines: list[checklist.Line]
    clock: Clock | None  # of an undecided order
    question: OrderMessage | None  # of ours, that nobody has answered
    now: datetime

    @property
    def asked(self) -> int:
        """Documents asked for."""
        return sum(line.asked.count for line in self.lines)

    @property
    def missing(self) -> int:
        """Documents that the customer still owes."""
        return sum(line.missing for line in self.lines) if self.is_undecided else 0

    @property
    def is_undecided(self) -> bool:
        return self.order.status in Order.UNDECIDED

    @property
    def age(self) -> str:
        return review_estimate.age_in_words(self.now - self.order.created_at)

    @property
    def waits_for_customer(self) -> bool:
        return self.order.status in Order.INCOMPLETE

    @property
    def days_left(self) -> int | None:
        """Until it expires, begun days counted; 0 when the time is over, None while it cannot expire."""
        if not self.waits_for_customer:
            return None
        return max(-((self.now - self.order.expires_at) // timedelta(days=1)), 0)


@dataclass(frozen=True, slots=True)
class OrderedNumbers:
    open: list[Standing]
    ended: list[Order]  # lately, without a number to show for it


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of an order, and what the customer can do about it."""

    line: checklist.Line
    address: str  # where it must be, in words; may be empty
    upload_type: str  # code of the document type that the upload page begins with; may be empty
    documents: list[Document]  # of the project, that could be handed in

    @property
    def submissions(self) -> list[tuple[Submission, bool]]:
        """Each with whether its document is still good."""
        return [(each, checklist.is_good(each.document, self.line.today)) for each in self.line.submissions]


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    state: str  # done, current, ahead, ended
    at: datetime | None = None


def open_orders(project: Project, now: datetime) -> OrderedNumbers:
    """Ordered numbers: reserved, their money held, waiting for papers or for us. Newest first; seven queries."""
    orders = Order.objects.filter(project=project).select_related("number").order_by("-id")
    undone = list(orders.filter(status__in=Order.OPEN).prefetch_related(*checklist.WITH_PAPERS)[:ORDERS_SHOWN])
    clocks = review_estimate.clocks(undone, now)
    questions = _open_questions(undone)
    standings = [
        Standing(order, checklist.lines(order, now.date()), clocks.get(order.pk), questions.get(order.pk), now)
        for order in undone
    ]
    lately = orders.filter(status__in=Order.UNFULFILLED, closed_at__gte=now - ENDED_WITHIN)
    return OrderedNumbers(standings, list(lately[:ENDED_SHOWN]))


def _open_questions(orders: list[Order]) -> dict[int, OrderMessage]:
    """By the order's id, where the last word is a question of ours."""
    said = OrderMessage.objects.filter(order__in=orders).exclude(kind=OrderMessage.Kind.NOTE)
    last = said.order_by("order_id", "-id").distinct("order_id")
    return {each.order_id: each for each in last if each.kind == OrderMessage.Kind.QUESTION}


def standing(order: Order, now: datetime) -> Standing:
    """``order`` with its number."""
    clock_ = review_estimate.clocks([order], now).get(order.pk) if order.status in Order.UNDECIDED else None
    question = _open_questions([order]).get(order.pk) if order.status in Order.UNDECIDED else None
    return Standing(order, checklist.lines(order, now.date()), clock_, question, now)


def clock(order: Order, now: datetime | None = None) -> Clock:
    """How many orders are before this one, and how long reviews took lately."""
    return review_estimate.clocks([order], now or timezone.now())[order.pk]


def asked(found: Standing) -> list[Asked]:
    """What is asked for one order; one query more, for the documents that could be handed in."""
    missing = {
        kind.pk
        for line in found.lines
        if line.missing and found.is_undecided
        for kind in line.asked.document_types.all()
    }
    documents = list(_good_documents(found.order, missing, found.now)) if missing else []
    return [_asked(line, found, documents) for line in found.lines]


def _asked(line: checklist.Line, found: Standing, documents: list[Document]) -> Asked:
    types = sorted(line.asked.document_types.all(), key=lambda kind: kind.name)
    accepted, offered = {kind.pk for kind in types}, {each.document_id for each in line.submissions}
    usable = [each for each in documents if each.type_id in accepted and each.pk not in offered]
    return Asked(
        line,
        address_in_words(line.asked.address_scope, found.order.number),
        next((kind.code for kind in types if kind.is_active), ""),
        usable if line.missing and found.is_undecided else [],
    )


def _good_documents(order: Order, type_ids: set[int], now: datetime) -> QuerySet[Document]:
    good = Document.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=now.date()),
        project_id=order.project_id,
        type_id__in=type_ids,
        withdrawn_at__isnull=True,
        purged_at__isnull=True,
        inspection=Document.Inspection.PASSED,
    )
    return good.select_related("type").order_by("-id")[:DOCUMENTS_SHOWN]


def steps(found: Standing) -> list[Step]:
    """The way of an order from left to right; where it ended, if it did not become a number."""
    order = found.order
    way = [
        Step("Ordered", "done", order.created_at),
        Step("Documents" if found.lines else "No documents needed", "ahead", order.submitted_at),
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
