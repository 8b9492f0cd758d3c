"""A project with a life: numbers bought through the real service."""

from datetime import UTC, datetime

from numbers.models import Lease, Number
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM


def give_back(lease):
    """Released for good: somebody else can buy the number."""
    Lease.objects.filter(pk=lease.pk).update(status=Lease.Status.RELEASED, ended_at=datetime.now(UTC))
    Number.objects.filter(pk=lease.number_id).update(status=Number.Status.AVAILABLE)


def route(lease, target="+14155550100"):
    return set_pstn(lease=lease, target=target, by=SYSTEM, now=datetime.now(UTC))
