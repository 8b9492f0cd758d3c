"""Numbers that a project buys and orders, by the front door: through the services."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from numbers.compliance import ordering
from numbers.models import Lease, Order
from numbers.orders import services
from projects.actor import SYSTEM, Actor
from projects.models import Project
from tests.support.inventory import make_number


def _usual(by: Actor, key: str | None, expected: Decimal | str | None, now: datetime | None) -> dict[str, Any]:
    return {
        "by": by,
        "purchase_key": key,
        "expected_total": None if expected is None else Decimal(expected),
        "now": now or timezone.now(),
    }


def purchase_number(
    project: Project,
    e164: str,
    *,
    by: Actor = SYSTEM,
    key: str | None = None,
    expected: Decimal | str | None = None,
    now: datetime | None = None,
) -> Lease:
    """Buys a number that is for sale; ``expected`` is the total that the customer saw."""
    return services.purchase(project=project, e164=e164, **_usual(by, key, expected, now))


def buy(project: Project, e164: str | None = None, *, now: datetime | None = None, **number: Any) -> Lease:
    """A new number, with these values, is bought at once. The project's credit must suffice."""
    return purchase_number(project, make_number(e164, **number).e164, now=now)


def order_number(
    project: Project,
    e164: str,
    *,
    by: Actor = SYSTEM,
    key: str | None = None,
    expected: Decimal | str | None = None,
    now: datetime | None = None,
    **extra: Any,
) -> Order:
    """Orders a number that needs documents; ``holder`` is a business if nothing else is given."""
    return ordering.place_order(project=project, e164=e164, **_usual(by, key, expected, now), **extra)


def order(project: Project, e164: str | None = None, *, now: datetime | None = None, **number: Any) -> Order:
    """A new number that needs documents, with these values, is ordered at once."""
    return order_number(project, make_number(e164, **{"docs_required": True} | number).e164, now=now)


def status_of(order: Order) -> str:
    """As it is in the database now."""
    return Order.objects.get(pk=order.pk).status
