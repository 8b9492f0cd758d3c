"""Reads on a project's documents: what its orders ask for, and what it has uploaded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Exists, OuterRef, Prefetch, Q, QuerySet, TextChoices, Value, When

from numbers.compliance import checklist
from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders.models import Order
from numbers.regulations.addresses import address_in_words
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
    REFUSED = "refused", "Refused"
    REPLACED = "replaced", "Replaced"
    DESTROYED = "destroyed", "Deleted"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that was offered for a line, as its owner reads it there."""

    submission: Submission
    state: str  # accepted, review, rejected, expired

    @property
    def document(self) -> Document:
        return self.submission.document


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that an order asks for."""

    line: checklist.Line
    address: str  # where it must be, in words; may be empty
    types: list[DocumentType]  # any of these will do
    papers: list[Paper]

    @property
    def state(self) -> str:
        if self.line.is_accepted:
            return "accepted"
        return "missing" if self.line.missing else "review"

    @property
    def there(self) -> int:
        """Of the documents asked for: those that are accepted or wait for review."""
        return min(self.line.accepted + self.line.pending, self.line.asked.count)

    @property
    def accepts(self) -> str:
        """``Bank statement, Passport or Utility bill``"""
        names = [kind.name for kind in self.types]
        return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    @property
    def upload_type(self) -> str:
        """Code of the type that the upload page begins with; empty where the customer has to choose."""
        offered = [kind.code for kind in self.types if kind.is_active]
        return offered[0] if len(offered) == 1 else ""


@dataclass(frozen=True, slots=True)
class Task:
    """An open order and its papers."""

    order: Order
    asks: list[Ask]
    today: date

    @property
    def missing(self) -> int:
        return sum(ask.line.missing for ask in self.asks)

    @property
    def days_left(self) -> int:
        """Until the order expires for want of papers."""
        return max((self.order.expires_at.date() - self.today).days, 0)


@dataclass(frozen=True, slots=True)
class Todo:
    tasks: list[Task]  # those that lack something first, the oldest first
    more: bool  # there are others beyond the limit

    @property
    def missing(self) -> int:
        return sum(task.missing for task in self.tasks)

    @property
    def lacking(self) -> int:
        """Orders that lack something."""
        return sum(task.missing > 0 for task in self.tasks)


def todo(project: Project, now: datetime) -> Todo:
    """What the project's open orders ask for; four queries, however many orders there are."""
    found = _orders(project).order_by(Case(When(status=Order.Status.IN_REVIEW, then=1), default=0), "id")
    orders = list(found[: ORDERS_SHOWN + 1])
    tasks = [task(order, now.date()) for order in orders[:ORDERS_SHOWN]]
    return Todo([each for each in tasks if each.asks], len(orders) > ORDERS_SHOWN)


def task(order: Order, today: date) -> Task:
    """``order`` with its number and papers."""
    return Task(order, _asks(order, today), today)


def _orders(project: Project) -> QuerySet[Order]:
    """Those that take papers, with number and papers."""
    orders = Order.objects.filter(project=project, status__in=Order.UNDECIDED)
    return orders.select_related("number").prefetch_related(*checklist.WITH_PAPERS)


def _asks(order: Order, today: date) -> list[Ask]:
    return [
        Ask(
            line,
            address_in_words(line.asked.address_scope, order.number),
            sorted(line.asked.document_types.all(), key=lambda kind: kind.name),
            _papers(line, today),
        )
        for line in checklist.lines(order, today)
    ]


def _papers(line: checklist.Line, today: date) -> list[Paper]:
    """What counts, and as long as something is missing, what does not count and why."""
    found = []
    for each in line.submissions:
        if each.verdict == Submission.Verdict.REJECTED:
            state = "rejected"
        elif checklist.is_good(each.document, today):
            state = "accepted" if each.verdict == Submission.Verdict.ACCEPTED else "review"
        else:
            state = "expired"
        counts = state in ("accepted", "review")
        if counts or (line.missing and each.document.withdrawn_at is None):
            found.append(Paper(each, state))
    return found


# -- what was uploaded -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """An order that a document was offered for."""

    order: Order
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Filed:
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
class FiledPage:
    documents: list[Filed]
    next_before: int | None  # ask for the following page with it


def filed(
    project: Project, today: date, *, q: str = "", type: str = "", state: str = "", before: int | None = None
) -> FiledPage:
    """A page of the project's documents, newest first; two queries. ``type`` is a code, ``state`` a :class:`State`."""
    found = with_state(Document.objects.filter(project=project)).select_related("type", "uploaded_by")
    found = found.prefetch_related(
        Prefetch("submissions", Submission.objects.select_related("line__order__number").order_by("-id"))
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
    page = [Filed(row, State(row.state), _uses(row), today) for row in rows[:PAGE_SIZE]]
    return FiledPage(page, rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None)


def with_state(documents: QuerySet[Document]) -> QuerySet[Any]:
    """Adds ``state``, a :class:`State`. What waits for an order that has ended waits no more."""
    offered = Submission.objects.filter(document=OuterRef("pk"))
    replaced = Exists(Document.objects.filter(replaces=OuterRef("pk"), withdrawn_at=None, inspection=Inspection.PASSED))
    gone = Q(withdrawn_at__isnull=False) | Q(purged_at__isnull=False)
    in_review = offered.filter(verdict=Verdict.PENDING, line__order__status__in=Order.OPEN)
    return documents.annotate(
        state=Case(
            When(inspection__in=[Inspection.REFUSED, Inspection.FAILED], then=Value(State.REFUSED)),
            When(replaced, then=Value(State.REPLACED)),
            When(gone, then=Value(State.DESTROYED)),
            When(inspection=Inspection.PENDING, then=Value(State.CHECKING)),
            When(Exists(in_review), then=Value(State.REVIEW)),
            When(Exists(offered.filter(verdict=Verdict.ACCEPTED)), then=Value(State.ACCEPTED)),
            When(Exists(offered.filter(verdict=Verdict.REJECTED)), then=Value(State.REJECTED)),
            default=Value(State.UNUSED),
            output_field=CharField(),
        )
    )


def _uses(document: Document) -> list[Use]:
    by_order: dict[int, Use] = {}
    for each in document.submissions.all():
        order = each.line.order
        by_order.setdefault(order.pk, Use(order, each.verdict, each.reason))
    return list(by_order.values())


# -- for uploading ---------------------------------------------------------------------------------------------


def offered_types() -> QuerySet[DocumentType]:
    return DocumentType.objects.filter(is_active=True)


def types_in_use(project: Project) -> QuerySet[DocumentType]:
    """For the filter: what may be uploaded and what was."""
    mine = Document.objects.filter(project=project, type=OuterRef("pk"))
    return DocumentType.objects.filter(Q(is_active=True) | Exists(mine))


def types_asked_for(orders: Iterable[Order], today: date) -> set[int]:
    """Ids of the types with which something that is missing could be handed in."""
    return {
        kind.pk
        for order in orders
        for line in checklist.lines(order, today)
        if line.missing
        for kind in line.asked.document_types.all()
    }


def orders_that_take_papers(project: Project) -> list[Order]:
    return list(_orders(project).order_by("id")[:ORDERS_SHOWN])


def order_that_takes_papers(project: Project, ref: UUID) -> Order | None:
    return _orders(project).filter(ref=ref).first()


def document(project: Project, ref: UUID) -> Document | None:
    return Document.objects.select_related("type").filter(project=project, ref=ref).first()


def served_by(documents: Iterable[Document]) -> dict[int, list[Order]]:
    """By the document's id: undecided orders for which it was handed in and not refused, with their numbers."""
    offered = Submission.objects.filter(document__in=documents, line__order__status__in=Order.UNDECIDED)
    found: dict[int, list[Order]] = {}
    for each in (
        offered.exclude(verdict=Submission.Verdict.REJECTED)
        .select_related("line__order__number")
        .order_by("line__order", "id")
    ):
        orders = found.setdefault(each.document_id, [])
        if each.line.order not in orders:
            orders.append(each.line.order)
    return found
