"""What beat starts. Both are harmless when two beats run."""

from celery import shared_task
from django.utils import timezone

from billing.ledger import integrity
from billing.payments import reconcile


@shared_task(name="billing.reconcile")
def reconcile_payments() -> None:
    reconcile.run(now=timezone.now())


@shared_task(name="billing.check_ledger")
def check_ledger() -> None:
    integrity.report()
