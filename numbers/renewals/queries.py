"""Reads on a project's months: what is unpaid, and the order of renewal."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from billing.ledger.queries import balance
from billing.money import ceil_to_cents
from numbers.leases.models import Lease
from numbers.renewals.allocation import Due, owed
from projects.models import Project

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class UnpaidSummary:
    """The numbers of a project whose month is not paid, in the customer's order."""

    leases: list[Lease]  # with their numbers
    owed: Decimal
    balance: Decimal
    today: date

    @property
    def count(self) -> int:
        return len(self.leases)

    @property
    def missing(self) -> Decimal:
        """What pays all of them, in whole cents; 0 when their money has come already."""
        return max(ceil_to_cents(self.owed - self.balance), Decimal(0))

    @property
    def suspended(self) -> int:
        return sum(lease.status == Lease.Status.SUSPENDED for lease in self.leases)

    @property
    def past_due(self) -> int:
        return self.count - self.suspended

    @property
    def stops_at(self) -> datetime | None:
        """When the first of those that still work stops."""
        days = [
            lease.suspends_at
            for lease in self.leases
            if lease.status == Lease.Status.PAST_DUE and lease.suspends_at is not None
        ]
        return min(days, default=None)

    @property
    def released_at(self) -> datetime | None:
        """When the first of them is released."""
        return min((lease.releases_at for lease in self.leases if lease.releases_at is not None), default=None)


def due_of(lease: Lease) -> Due:
    return Due(lease.pk, lease.status, lease.started_at.astimezone(UTC).date(), lease.next_period, lease.monthly_price)


def unpaid_summary(project_id: int, now: datetime, credit: Decimal | None = None) -> UnpaidSummary | None:
    """None when everything is paid. ``credit`` is the balance, if it is known. One query, or two."""
    leases = list(
        Lease.objects.filter(project=project_id, status__in=Lease.UNPAID)
        .select_related("number")
        .order_by("renewal_rank", "id")
    )
    if not leases:
        return None
    today = now.astimezone(UTC).date()
    total = sum((lease.monthly_price * len(owed(due_of(lease), today)) for lease in leases), Decimal(0))
    return UnpaidSummary(leases, total, balance(project_id) if credit is None else credit, today)


def in_order(project: Project) -> QuerySet[Lease]:
    """The live leases of the project in the order of their renewal."""
    return (
        Lease.objects.filter(project=project, status__in=Lease.LIVE)
        .select_related("number")
        .order_by("renewal_rank", "id")
    )


def order_page(project: Project, page: int) -> Page[Lease]:
    """The page of that number, or the nearest that there is."""
    return Paginator(in_order(project), PAGE_SIZE).get_page(page)
