"""A project with a life: numbers bought through the real service."""

from datetime import UTC, datetime

from numbers.models import Lease, Number
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM
from tests.support.inventory import make_number
from tests.support.purchases import order_number, purchase_number


def buy(project, count=1, now=None):
    return [purchase_number(project, make_number().e164, now=now or datetime.now(UTC)) for _ in range(count)]


def order(project):
    return order_number(project, make_number(docs_required=True).e164)


def give_back(lease):
    """Released for good: somebody else can buy the number."""
    Lease.objects.filter(pk=lease.pk).update(status=Lease.Status.RELEASED, ended_at=datetime.now(UTC))
    Number.objects.filter(pk=lease.number_id).update(status=Number.Status.AVAILABLE)


def route(lease, target="+14155550100"):
    return set_pstn(lease=lease, target=target, by=SYSTEM, now=datetime.now(UTC))
