"""Handlers of the outbox; imported by the app's ``ready()``."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from billing.payments.models import TopUp
from billing.payments.services import sync
from portal.jobs import mail
from portal.jobs.outbox import job
from projects.recipients import recipient


@job("payments.sync")
def sync_top_up(payload: dict[str, Any]) -> None:
    sync(top_up_id=payload["top_up"], now=timezone.now())


@job("payments.receipt_mail")
def mail_receipt(payload: dict[str, Any]) -> None:
    top_up = TopUp.objects.select_related("project").get(pk=payload["top_up"])
    person = recipient(top_up.project, top_up.created_by_id)
    if person is None:
        return
    path = reverse("billing:receipt", args=[top_up.project.pid, top_up.ref])
    context = {"person": person, "top_up": top_up, "project": top_up.project, "url": settings.SITE_URL + path}
    mail.send_templated("receipt", to=[person.email], context=context)
