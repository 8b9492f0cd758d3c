"""What a page leaves to the workers."""

from typing import Any

from django.utils import timezone

from numbers.routing_files import importing
from portal.jobs.outbox import job
from portal.jobs.queues import BULK


@job(importing.CHECK, queue=BULK)
def check_routing_file(payload: dict[str, Any]) -> None:
    importing.check(import_id=payload["import"])


@job(importing.APPLY, queue=BULK)
def apply_routing_file(payload: dict[str, Any]) -> None:
    importing.apply_now(import_id=payload["import"], now=timezone.now())
