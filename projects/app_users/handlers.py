"""What a page leaves to the workers."""

from typing import Any

from django.utils import timezone

from portal.jobs.outbox import job
from portal.jobs.queues import BULK
from projects.app_users import importing


@job(importing.JOB, queue=BULK)
def import_app_users(payload: dict[str, Any]) -> None:
    importing.import_part(import_id=payload["import"], now=timezone.now())
