"""Jobs of the outbox: messages of numbers that are active again, those to be delivered again, and those whose URL was
removed."""

from typing import Any

from django.utils import timezone

from numbers.leases.models import Lease
from numbers.messaging import held, redelivery, rerouting
from portal.jobs.outbox import job
from portal.jobs.queues import BULK


@job(held.RELEASE)
def release_held_messages(payload: dict[str, Any]) -> None:
    """Of those that are not suspended again meanwhile."""
    leases = Lease.objects.filter(pk__in=payload["leases"]).exclude(status=Lease.Status.SUSPENDED)
    held.release(leases.values_list("pk", flat=True), now=timezone.now())


@job(redelivery.KIND, queue=BULK)
def redeliver_messages(payload: dict[str, Any]) -> None:
    """Commits together with the job's end, and with the job for the next part."""
    redelivery.run(payload, now=timezone.now())


@job(rerouting.KIND, queue=BULK)
def reroute_messages(payload: dict[str, Any]) -> None:
    """Commits together with the job's end, and with the job for the next part."""
    rerouting.run(payload, now=timezone.now())
