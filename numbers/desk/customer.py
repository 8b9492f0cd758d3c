"""What a reviewer should know of the customer."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from billing.ledger import queries as ledger
from billing.ledger.models import AccountKind
from numbers.compliance.models import Submission
from numbers.leases.models import Lease
from numbers.orders.models import Order
from portal.accounts.models import User
from projects.models import Membership, Project, Role

OTHERS = 6


@dataclass(frozen=True, slots=True)
class Customer:
    project: Project
    owner: User | None
    ordered_by: User | None
    balance: Decimal
    held: Decimal
    numbers: int  # that the project holds now
    others: list[Order]  # the latest other orders of the project
    other_count: int
    rejected_orders: int
    rejected_documents: int


def customer_of(order: Order) -> Customer:
    """Six queries."""
    project = order.project
    owner = Membership.objects.select_related("user").filter(project=project, role=Role.OWNER).first()
    balances = ledger.balances(project.pk)
    others = Order.objects.filter(project=project).exclude(pk=order.pk)
    tally = others.aggregate(all=Count("pk"), rejected=Count("pk", filter=Q(status=Order.Status.REJECTED)))
    rejected = Submission.objects.filter(requirement__order__project=project, verdict=Submission.Verdict.REJECTED)
    return Customer(
        project=project,
        owner=owner.user if owner else None,
        ordered_by=order.ordered_by,
        balance=balances.get(AccountKind.WALLET, ledger.ZERO),
        held=balances.get(AccountKind.HELD, ledger.ZERO),
        numbers=Lease.objects.filter(project=project, status__in=Lease.LIVE).count(),
        others=list(others.select_related("number").order_by("-id")[:OTHERS]),
        other_count=tally["all"],
        rejected_orders=tally["rejected"],
        rejected_documents=rejected.count(),
    )
