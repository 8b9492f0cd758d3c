"""Reads on a project's numbers."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from billing.ledger.models import Transfer
from numbers.leases.models import Lease
from numbers.orders.models import Order
from projects.models import Project

PAGE_SIZE = 25
CHARGES_SHOWN = 24


@dataclass(frozen=True, slots=True)
class NumberSummary:
    active: int  # numbers that the project holds, whether paid or not
    ordered: int  # orders that wait for papers or for us
    monthly_cost: Decimal


@dataclass(frozen=True, slots=True)
class NextCharge:
    lease_id: int
    e164: str
    friendly_name: str
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LeasePage:
    leases: list[Lease]
    next_before: int | None  # ask for the following page with it


def live_leases(project: Project) -> QuerySet[Lease]:
    """The numbers that the project holds now, newest first, with number and call route."""
    return (
        Lease.objects.filter(project=project, status__in=Lease.LIVE)
        .select_related("number", "call_route")
        .order_by("-id")
    )


def number_summary(project: Project) -> NumberSummary:
    held = Lease.objects.filter(project=project, status__in=Lease.LIVE).aggregate(
        count=Count("id"), cost=Sum("monthly_price", default=Decimal(0))
    )
    ordered = Order.objects.filter(project=project, status__in=Order.OPEN).count()
    return NumberSummary(active=held["count"], ordered=ordered, monthly_cost=held["cost"])


def next_charges(project: Project, n: int) -> list[NextCharge]:
    """The ``n`` monthly charges that come first."""
    due = (
        Lease.objects.filter(project=project, status__in=["active", "past_due"])
        .select_related("number")
        .order_by("next_charge_on", "id")[:n]
    )
    return [
        NextCharge(lease.pk, lease.number.e164, lease.friendly_name, lease.next_charge_on, lease.monthly_price)
        for lease in due
    ]


def listing(project: Project, *, q: str = "", status: str = "", before: int | None = None) -> LeasePage:
    """A page of Purchased Numbers, newest first.

    ``q`` is part of a friendly name or, with its digits, of a number; ``status`` is one of Lease.Status, "" for all
    that the project holds now.
    """
    leases = Lease.objects.filter(project=project).select_related("number", "call_route").order_by("-id")
    leases = leases.filter(status=status) if status else leases.filter(status__in=Lease.LIVE)
    if q:
        digits = re.sub(r"[\s().+-]", "", q)
        is_number = digits.isascii() and digits.isdecimal()
        by_number = Q(number__e164__contains=digits) if is_number else Q()
        leases = leases.filter(Q(friendly_name__icontains=q) | by_number)
    if before is not None:
        leases = leases.filter(id__lt=before)
    page = list(leases[: PAGE_SIZE + 1])
    more = len(page) > PAGE_SIZE
    return LeasePage(page[:PAGE_SIZE], page[PAGE_SIZE - 1].pk if more else None)


def charges(lease: Lease) -> QuerySet[Transfer]:
    """What this lease was charged: setup and months, newest first."""
    return Transfer.objects.filter(cause_kind="lease", cause_id=lease.pk).order_by("-id")[:CHARGES_SHOWN]
