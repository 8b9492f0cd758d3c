"""Handlers of the outbox; imported by the app's ``ready()``."""

from typing import Any

from django.utils import timezone

from billing.payments.services import sync
from portal.jobs.outbox import job


@job("payments.sync")
def sync_top_up(payload: dict[str, Any]) -> None:
    sync(top_up_id=payload["top_up"], now=timezone.now())
