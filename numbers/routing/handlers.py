"""Jobs of the outbox: mails about the spending cap."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail
from projects.models import Project


@job("numbers.spend_cap_mail", queue=MAIL)
def spend_cap(payload: dict[str, Any]) -> None:
    project = Project.objects.get(pk=payload["project"])
    mail.send(
        payload["mail"],
        project=project,
        user_id=None,
        path=reverse("numbers:purchased", args=[project.pid]),
        spent=Decimal(payload["spent"]),
        cap=Decimal(payload["cap"]),
    )
