"""Jobs of purchases and orders: the activation of an approved order, and the mails about numbers that are ready."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from numbers.leases import webhook_events
from numbers.leases.models import Lease
from numbers.orders.activation import KIND, activate
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail


@job(KIND)
def activate_order(payload: dict[str, Any]) -> None:
    """Only in the database, so it commits together with the job's end: exactly once, whatever dies."""
    activate(order_id=payload["order"], now=timezone.now())


@job("numbers.purchased_mail", queue=MAIL)
def number_purchased(payload: dict[str, Any]) -> None:
    lease = Lease.objects.select_related("number", "project").get(pk=payload["lease"])
    webhook_events.emit(webhook_events.PURCHASED, [(lease.project_id, lease.number.e164)], now=timezone.now())
    _mail_about_lease("number_purchased", lease, payload["user"])


@job("numbers.number_active_mail", queue=MAIL)
def number_active(payload: dict[str, Any]) -> None:
    lease = Lease.objects.select_related("number", "project", "order").get(pk=payload["lease"])
    webhook_events.emit(webhook_events.PURCHASED, [(lease.project_id, lease.number.e164)], now=timezone.now())
    _mail_about_lease("number_active", lease, lease.order.ordered_by_id if lease.order else None)


def _mail_about_lease(name: str, lease: Lease, user_id: int | None) -> None:
    mail.send(
        name,
        project=lease.project,
        user_id=user_id,
        path=reverse("numbers:lease", args=[lease.project.pid, lease.pk]),
        lease=lease,
        number=international(lease.number.e164),
        total=lease.setup_price + lease.monthly_price,
    )
