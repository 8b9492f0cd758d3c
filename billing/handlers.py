"""Handlers of the outbox; imported by the app's ``ready()``."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from billing.payments import checkout
from billing.payments.models import TopUp
from billing.payments.services import sync
from portal.jobs.outbox import job
from portal.jobs.queues import DELIVER, MAIL
from projects import mail


# What asks the gateway shares no workers with numbers and money: it may hang.
@job("payments.open_checkout", queue=DELIVER)
def open_checkout(payload: dict[str, Any]) -> None:
    checkout.open_page(top_up_id=payload["top_up"], now=timezone.now())


@job("payments.sync", queue=DELIVER)
def sync_top_up(payload: dict[str, Any]) -> None:
    sync(top_up_id=payload["top_up"], session_id=payload.get("session", ""), now=timezone.now())


@job("payments.receipt_mail", queue=MAIL)
def mail_receipt(payload: dict[str, Any]) -> None:
    top_up = TopUp.objects.select_related("project").get(pk=payload["top_up"])
    mail.send(
        "receipt",
        project=top_up.project,
        user_id=top_up.created_by_id,
        path=reverse("billing:receipt", args=[top_up.project.pid, top_up.ref]),
        top_up=top_up,
    )
