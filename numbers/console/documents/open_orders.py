"""What a project's open orders need, requirement by requirement."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, QuerySet, When

from numbers.compliance.checklist import WITH_CHECKLIST, ChecklistItem, OrderChecklist, order_checklist
from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders.models import Order
from projects.models import Project

ORDERS_SHOWN = 50
Verdict = Submission.Verdict


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
    found = _undecided(project).order_by(Case(When(status=Order.Status.IN_REVIEW, then=1), default=0), "id")
    orders = list(found[: ORDERS_SHOWN + 1])
    today = now.date()
    rows = [OrderRow(order_checklist(order, today), order.days_left(today)) for order in orders[:ORDERS_SHOWN]]
    return OpenOrders([each for each in rows if each.checklist.items], len(orders) > ORDERS_SHOWN)


def undecided_orders(project: Project) -> list[Order]:
    return list(_undecided(project).order_by("id")[:ORDERS_SHOWN])


def undecided_order(project: Project, ref: UUID) -> Order | None:
    return _undecided(project).filter(ref=ref).first()


def _undecided(project: Project) -> QuerySet[Order]:
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
