"""What happens to a project's numbers later: the end of quarantine, and mails about releases."""

from datetime import datetime
from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from numbers.leases import quarantine, releasing
from numbers.leases.models import Lease
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail


@shared_task(name="numbers.end_quarantine")
def end_quarantine() -> None:
    """Harmless twice, at once or late."""
    quarantine.end(now=timezone.now())


@job("numbers.released_mail", queue=MAIL)
def number_released(payload: dict[str, Any]) -> None:
    """Says nothing when the release was undone before the mail was written."""
    lease = Lease.objects.select_related("number", "project").get(pk=payload["lease"])
    ended_at = datetime.fromisoformat(payload["ended_at"])
    if lease.ended_at != ended_at:
        return
    mail.send(
        "number_released",
        project=lease.project,
        user_id=payload["user"],
        path=reverse("numbers:lease", args=[lease.project.pid, lease.pk]),
        lease=lease,
        number=international(lease.number.e164),
        terms=releasing.release_terms(lease, at_period_end=False, now=ended_at),
    )
