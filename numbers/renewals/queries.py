"""Reads on a project's months: what is unpaid, and the order of renewal."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from billing.ledger.queries import balance
from billing.money import ceil_to_cents
from numbers.leases.models import Lease
from numbers.renewals.allocation import owed
from numbers.renewals.groups import ProjectRenewals, project_renewals
from projects.models import Project

PAGE_SIZE = 25
ORDER = "renewal_rank", "id"


@dataclass(frozen=True, slots=True)
class UnpaidSummary:
    """The numbers of a project whose month is not paid."""

    count: int
    suspended: int  # of them
    owed: Decimal
    balance: Decimal
    stops_at: datetime | None  # when the first of those that still work stops
    released_at: datetime | None  # when the first of them is released
    one: str  # one of the numbers, in E.164

    @property
    def missing(self) -> Decimal:
        """What pays all of them, in whole cents; 0 when their money has come already."""
        return max(ceil_to_cents(self.owed - self.balance), Decimal(0))

    @property
    def past_due(self) -> int:
        return self.count - self.suspended


def unpaid_of(renewals: ProjectRenewals, now: datetime, balance: Decimal) -> UnpaidSummary | None:
    """None when everything is paid."""
    unpaid = [group for group in renewals.groups if group.status in Lease.UNPAID]
    if not unpaid:
        return None
    today = now.astimezone(UTC).date()
    return UnpaidSummary(
        count=sum(group.count for group in unpaid),
        suspended=sum(group.count for group in unpaid if group.status == Lease.Status.SUSPENDED),
        owed=sum((group.monthly * len(owed(group.due(), today)) for group in unpaid), Decimal(0)),
        balance=balance,
        stops_at=renewals.stops_at,
        released_at=renewals.released_at,
        one=renewals.one_unpaid,
    )


def unpaid_summary(project_id: int, now: datetime) -> UnpaidSummary | None:
    """Two queries."""
    return unpaid_of(project_renewals(project_id), now, balance(project_id))


def unpaid_leases(project: Project) -> QuerySet[Lease]:
    """In the customer's order, with their numbers."""
    return in_order(project).filter(status__in=Lease.UNPAID)


def in_order(project: Project) -> QuerySet[Lease]:
    """The live leases of the project in the order of their renewal."""
    return Lease.objects.filter(project=project, status__in=Lease.LIVE).select_related("number").order_by(*ORDER)


def order_page(project: Project, page: int) -> Page[Lease]:
    """The page of that number, or the nearest that there is."""
    found = Paginator(in_order(project), PAGE_SIZE).get_page(page)
    # Which leases it has is read from the index lease_order alone, and only they with their numbers.
    first = max(found.start_index() - 1, 0)
    shown = Lease.objects.filter(pk__in=in_order(project)[first : found.end_index()].values("pk"))
    found.object_list = shown.select_related("number").order_by(*ORDER)
    return found
