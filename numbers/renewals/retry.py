"""The retry when credit is added: unpaid months are charged at once, in the customer's order."""

from datetime import datetime

from django.conf import settings

from billing.ledger.services import on_credit
from numbers.leases.models import Lease
from numbers.renewals.charging import ChargingResult, charge_in_parts
from portal.jobs.outbox import enqueue

RETRY = "numbers.collect"


@on_credit
def queue_retry(project_id: int) -> None:
    """Queues the work, if there is any, with the transaction that brought the money.

    Without a key: a job that is queued already may have looked at the wallet before this transaction's end. A job too
    many finds nothing to do.
    """
    if Lease.objects.filter(project=project_id, status__in=Lease.UNPAID).exists():
        enqueue(RETRY, {"project": project_id})


def retry_unpaid(*, project_id: int, now: datetime) -> ChargingResult:
    """Charges what the wallet can pay: all missed months of a past due number, the current one of a suspended one.

    Waits for the project's lock. Raises OperationalError when that takes too long.
    """
    run = ChargingResult()
    for result in charge_in_parts(project_id, now=now, size=settings.RENEWAL_BATCH, wait=True):
        run.add(result)
    return run
