"""The papers of an order: what is asked for, which documents were offered, and what is still missing.

The one place that decides whether an order is complete; upload, review and ordering all end in :func:`settle`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Q

from numbers.documents.models import Document
from numbers.inventory.models import Number
from numbers.orders import lifecycle
from numbers.orders.models import Order, OrderRequirement, Submission
from numbers.regulations.models import AddressScope
from numbers.regulations.queries import regulation_for

ACCEPTED, PENDING = Submission.Verdict.ACCEPTED, Submission.Verdict.PENDING


def is_good(document: Document, on: date) -> bool:
    """Neither taken back, destroyed nor expired."""
    return document.is_there and (document.expires_on is None or document.expires_on >= on)


@dataclass(frozen=True)
class Line:
    """One thing that is asked for, with the documents offered for it."""

    asked: OrderRequirement
    submissions: list[Submission]  # newest first, with their documents
    today: date

    @cached_property
    def accepted(self) -> int:
        return sum(each.verdict == ACCEPTED and is_good(each.document, self.today) for each in self.submissions)

    @cached_property
    def pending(self) -> int:
        return sum(each.verdict == PENDING and is_good(each.document, self.today) for each in self.submissions)

    @property
    def missing(self) -> int:
        """Documents that the customer still owes."""
        return max(self.asked.count - self.accepted - self.pending, 0)

    @property
    def is_accepted(self) -> bool:
        return self.accepted >= self.asked.count


def lines(order: Order, today: date) -> list[Line]:
    """In the order of the regulation; three queries, or none when ``order`` came from :func:`with_papers`."""
    asked = order.requirements.all()
    if not hasattr(order, "_prefetched_objects_cache") or "requirements" not in order._prefetched_objects_cache:
        asked = asked.prefetch_related("document_types", "submissions__document__type")
    return [
        Line(each, sorted(each.submissions.all(), key=lambda submission: -submission.pk), today)
        for each in sorted(asked, key=lambda line: (line.position, line.pk))
    ]


# For ``Order.objects.prefetch_related(*WITH_PAPERS)``: any number of orders in four queries.
WITH_PAPERS = ("requirements__document_types", "requirements__submissions__document__type")


def ask(order: Order, *, on: date) -> None:
    """Copies today's regulation to a new order; what the project has approved already counts at once."""
    regulation = regulation_for(order.number, holder=order.holder, on=on)
    for rule in regulation.requirements.all() if regulation else ():
        line = OrderRequirement.objects.create(
            order=order,
            requirement=rule,
            position=rule.position,
            title=rule.title,
            explanation=rule.explanation,
            count=rule.count,
            address_scope=rule.address_scope,
        )
        types = list(rule.document_types.all())
        line.document_types.set(types)
        good = approved_before(
            project_id=order.project_id,
            number=order.number,
            type_ids=[each.pk for each in types],
            scope=rule.address_scope,
            on=on,
        )
        Submission.objects.bulk_create(
            Submission(line=line, document=document, verdict=ACCEPTED, carried_over=True,
                       decided_at=earlier.decided_at, decided_by_id=earlier.decided_by_id)
            for document, earlier in good[: rule.count]
        )


def approved_before(
    *, project_id: int, number: Number, type_ids: Iterable[int], scope: str, on: date
) -> list[tuple[Document, Submission]]:
    """Documents of the project that a reviewer accepted before for as much as ``scope`` asks, still good on ``on``.

    An address in the same city was in the same area and country too; an acceptance that asked for less proves less.
    """
    place = Q()
    same_country = Q(line__order__number__country=number.country)
    same_area = same_country & Q(line__order__number__region=number.region)
    same_city = same_area & Q(line__order__number__city=number.city)
    if scope == AddressScope.ANY:
        place = ~Q(line__address_scope=AddressScope.NONE)
    elif scope == AddressScope.COUNTRY:
        place = same_country & Q(line__address_scope__in=["country", "area", "city"])
    elif scope == AddressScope.AREA:
        place = same_area & Q(line__address_scope__in=["area", "city"])
    elif scope == AddressScope.CITY:
        place = same_city & Q(line__address_scope="city")
    found = (
        Submission.objects.filter(
            place,
            Q(document__expires_on__isnull=True) | Q(document__expires_on__gte=on),
            line__order__project_id=project_id,
            document__type_id__in=list(type_ids),
            document__withdrawn_at__isnull=True,
            document__purged_at__isnull=True,
            verdict=ACCEPTED,
        )
        .select_related("document")
        .order_by("-document_id", "-id")
    )
    by_document: dict[int, tuple[Document, Submission]] = {}
    for submission in found:
        by_document.setdefault(submission.document_id, (submission.document, submission))
    return list(by_document.values())


def offer(document: Document, asked: Iterable[OrderRequirement]) -> None:
    """Hands a document in for these lines; for a line that has it already, nothing changes."""
    Submission.objects.bulk_create(
        [Submission(line=line, document=document) for line in asked], ignore_conflicts=True
    )


def settle(order: Order, *, now: datetime) -> None:
    """Moves a complete order to review, and one that lacks something again back to the customer.

    Call with the order's row locked, after anything that changes its papers.
    """
    complete = not any(line.missing for line in lines(order, now.date()))
    if complete and order.status in (Order.Status.ORDERED, Order.Status.DOCUMENTS_REQUESTED):
        lifecycle.transition(order, Order.Status.IN_REVIEW, now=now, submitted_at=now)
    elif not complete and order.status == Order.Status.IN_REVIEW:
        lifecycle.transition(order, Order.Status.DOCUMENTS_REQUESTED, now=now, submitted_at=None)
