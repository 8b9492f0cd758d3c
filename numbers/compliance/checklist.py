"""The papers of an order: what is asked for, which documents were offered, and what is still missing.

The one place that decides whether an order is complete; upload, review and ordering all end in :func:`settle`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import Prefetch, Q

from numbers.compliance.models import OrderRequirement, Submission
from numbers.documents.models import Document
from numbers.inventory.models import Number
from numbers.orders import lifecycle
from numbers.orders.models import Order
from numbers.regulations.models import AddressScope
from numbers.regulations.queries import regulation_for

ACCEPTED, PENDING = Submission.Verdict.ACCEPTED, Submission.Verdict.PENDING


def is_good(document: Document, on: date) -> bool:
    """It has passed its inspection and is neither taken back, destroyed nor expired."""
    return document.has_passed and (document.expires_on is None or document.expires_on >= on)


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
    """In the order of the regulation; three queries, or none when ``order`` was read with WITH_PAPERS."""
    asked = order.requirements.all()
    if not hasattr(order, "_prefetched_objects_cache") or "requirements" not in order._prefetched_objects_cache:
        asked = asked.prefetch_related(
            "document_types", Prefetch("submissions", Submission.objects.select_related("document__type"))
        )
    return [
        Line(each, sorted(each.submissions.all(), key=lambda submission: -submission.pk), today)
        for each in sorted(asked, key=lambda line: (line.position, line.pk))
    ]


# For ``Order.objects.prefetch_related(*WITH_PAPERS)``: three queries for any number of orders.
WITH_PAPERS = (
    "requirements__document_types",
    Prefetch("requirements__submissions", Submission.objects.select_related("document__type")),
)


def ask(order: Order, *, on: date) -> None:
    """Copies today's regulation to a new order; what the project has approved already counts at once."""
    regulation = regulation_for(order.number, holder=order.holder, on=on)
    rules = list(regulation.requirements.all()) if regulation else []
    accepted = accepted_so_far(order.project_id, {kind.pk for rule in rules for kind in rule.document_types.all()}, on)
    for rule in rules:
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
        type_ids = [each.pk for each in types]
        good = proof(accepted, number=order.number, type_ids=type_ids, scope=rule.address_scope, holder=order.holder)
        Submission.objects.bulk_create(
            Submission(
                line=line,
                document=document,
                verdict=ACCEPTED,
                carried_over=True,
                decided_at=earlier.decided_at,
                decided_by_id=earlier.decided_by_id,
            )
            for document, earlier in good[: rule.count]
        )


def accepted_so_far(project_id: int, type_ids: Iterable[int], on: date) -> list[Submission]:
    """What :func:`proof` looks through; one query, however many lines are asked about."""
    found = (
        Submission.objects.filter(
            Q(document__expires_on__isnull=True) | Q(document__expires_on__gte=on),
            line__order__project_id=project_id,
            document__type_id__in=list(type_ids),
            document__withdrawn_at__isnull=True,
            document__purged_at__isnull=True,
            verdict=ACCEPTED,
        )
        .select_related("document", "line__order__number")
        .order_by("-document_id", "-id")
    )
    return list(found)


def proof(
    accepted: Iterable[Submission], *, number: Number, type_ids: Iterable[int], scope: str, holder: str
) -> list[tuple[Document, Submission]]:
    """Of what was accepted, the documents that show ``scope`` for ``number``, each with its acceptance; newest first.

    An address in the same city was in the same area and country too; an acceptance that asked for less proves less.
    What was accepted of a business says nothing of an individual, and the reverse.
    """
    types = set(type_ids)
    by_document: dict[int, tuple[Document, Submission]] = {}
    for each in accepted:
        of_them = each.line.order.holder == holder and each.document.type_id in types
        if of_them and _proves(each.line, number, scope):
            by_document.setdefault(each.document_id, (each.document, each))
    return list(by_document.values())


def _proves(earlier: OrderRequirement, number: Number, scope: str) -> bool:
    """A city or region that we do not know is not the same as another one that we do not know."""
    there = earlier.order.number
    same_country = there.country == number.country
    same_area = same_country and there.region == number.region
    same_city = same_area and there.city == number.city and number.city != ""
    match scope:
        case AddressScope.NONE:
            return True
        case AddressScope.ANY:
            return earlier.address_scope != AddressScope.NONE
        case AddressScope.COUNTRY:
            return same_country and earlier.address_scope in ("country", "area", "city")
        case AddressScope.AREA:
            return same_area and number.region != "" and earlier.address_scope in ("area", "city")
        case _:
            return same_city and earlier.address_scope == AddressScope.CITY


def offer(document: Document, asked: Iterable[OrderRequirement]) -> None:
    """Hands a document in for these lines; for a line that has it already, nothing changes."""
    Submission.objects.bulk_create([Submission(line=line, document=document) for line in asked], ignore_conflicts=True)


def settle(order: Order, *, now: datetime) -> None:
    """Moves a complete order to review, and one that lacks something again back to the customer.

    Call with the order's row locked, after anything that changes its papers.
    """
    complete = not any(line.missing for line in lines(order, now.date()))
    if complete and order.status in (Order.Status.ORDERED, Order.Status.DOCUMENTS_REQUESTED):
        lifecycle.transition(order, Order.Status.IN_REVIEW, now=now, submitted_at=now)
    elif not complete and order.status == Order.Status.IN_REVIEW:
        lifecycle.transition(order, Order.Status.DOCUMENTS_REQUESTED, now=now, submitted_at=None)
        give_time(order, now)


def give_time(order: Order, now: datetime) -> None:
    """Who is asked for something gets half of an order's time for it, at least. It never becomes less."""
    least = now + timedelta(days=settings.ORDER_EXPIRY_DAYS) / 2
    if order.expires_at < least:
        order.expires_at = least
        order.save(update_fields=["expires_at"])
