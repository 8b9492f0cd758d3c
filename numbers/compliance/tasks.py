"""What beat starts for documents and for approved orders. Each step is harmless twice, late, or beside its like."""

import logging

from celery import shared_task
from django.utils import timezone

from numbers.compliance import approval, expiry, retention
from numbers.documents import inspection_jobs, storage

log = logging.getLogger(__name__)


@shared_task(name="numbers.resume_handovers")
def resume_activations() -> None:
    """Two at once are harmless: each order is locked, and a job's key is there once."""
    found = approval.resume_activations(now=timezone.now())
    if found:
        log.warning("orders.handovers_resumed", extra={"count": found})


@shared_task(name="numbers.watch_documents")
def watch_documents() -> None:
    """Hourly: announces expiries, sends orders back that counted on an expired document, deletes what is due."""
    now = timezone.now()
    expiry.announce(now=now)
    expiry.reopen_orders(now=now)
    retention.set_dates()
    retention.purge(now=now)
    storage.sweep(now=now)


@shared_task(name="numbers.follow_inspections")
def follow_inspections() -> None:
    """Minutely: closes the documents whose inspection was tried for the last time."""
    inspection_jobs.close_abandoned(now=timezone.now())
