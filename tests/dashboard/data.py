"""A project with a life: numbers bought through the real service."""

from datetime import UTC, datetime

from numbers.compliance.ordering import place_order
from numbers.models import Lease, Number
from numbers.orders.services import purchase
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM
from tests.support.inventory import make_number


def buy(project, count=1, now=None):
    return [
        purchase(
            project=project,
            e164=make_number().e164,
            by=SYSTEM,
            purchase_key=None,
            expected_total=None,
            now=now or datetime.now(UTC),
        )
        for _ in range(count)
    ]


def order(project):
    return place_order(
        project=project,
        e164=make_number(docs_required=True).e164,
        by=SYSTEM,
        purchase_key=None,
        expected_total=None,
        now=datetime.now(UTC),
    )


def give_back(lease):
    """Released for good: somebody else can buy the number."""
    Lease.objects.filter(pk=lease.pk).update(status=Lease.Status.RELEASED, ended_at=datetime.now(UTC))
    Number.objects.filter(pk=lease.number_id).update(status=Number.Status.AVAILABLE)


def route(lease, target="+14155550100"):
    return set_pstn(lease=lease, target=target, by=SYSTEM, now=datetime.now(UTC))
