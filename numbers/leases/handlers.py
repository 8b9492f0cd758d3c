"""Jobs of the outbox: the mail about a release."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from numbers.leases import releasing
from numbers.leases.models import Lease
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail


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
