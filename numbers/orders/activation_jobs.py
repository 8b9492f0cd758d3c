"""Background work of approved orders: the handover itself, its mail, and a look for what was left lying."""

import logging
from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from numbers.compliance import approval
from numbers.leases.models import Lease
from numbers.orders.activation import activate
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail

log = logging.getLogger(__name__)


@job(approval.KIND)
def provision(payload: dict[str, Any]) -> None:
    """Only in the database, so it commits together with the job's end: exactly once, whatever dies."""
    activate(order_id=payload["order"], now=timezone.now())


@job("numbers.number_active_mail", queue=MAIL)
def number_active(payload: dict[str, Any]) -> None:
    lease = Lease.objects.select_related("number", "project", "order").get(pk=payload["lease"])
    mail.send(
        "number_active",
        project=lease.project,
        user_id=lease.order.ordered_by_id if lease.order else None,
        path=reverse("numbers:lease", args=[lease.project.pid, lease.pk]),
        lease=lease,
        number=international(lease.number.e164),
        total=lease.setup_price + lease.monthly_price,
    )


@shared_task(name="numbers.resume_handovers")
def resume_handovers() -> None:
    """Two at once are harmless: each order is locked, and a job's key is there once."""
    found = approval.resume_activations(now=timezone.now())
    if found:
        log.warning("orders.handovers_resumed", extra={"count": found})
