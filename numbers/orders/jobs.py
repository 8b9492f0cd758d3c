"""Mails about purchases and orders, queued in the transaction that makes them; and the orders that expire."""

from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from numbers.compliance import checklist
from numbers.leases.models import Lease
from numbers.orders import expiry
from numbers.orders.models import Order
from numbers.regulations.addresses import address_in_words
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail


@shared_task(name="numbers.expire_orders")
def expire_orders() -> None:
    """Ends what is past its time and announces what soon will be; twice or late is harmless."""
    now = timezone.now()
    expiry.expire_orders(now=now)
    expiry.remind(now=now)


@job("numbers.purchased_mail", queue=MAIL)
def number_purchased(payload: dict[str, Any]) -> None:
    lease = Lease.objects.select_related("number", "project").get(pk=payload["lease"])
    mail.send(
        "number_purchased",
        project=lease.project,
        user_id=payload["user"],
        path=reverse("numbers:lease", args=[lease.project.pid, lease.pk]),
        lease=lease,
        number=international(lease.number.e164),
        total=lease.setup_price + lease.monthly_price,
    )


@job("numbers.order_received_mail", queue=MAIL)
def order_received(payload: dict[str, Any]) -> None:
    _about_order("order_received", payload)


@job("numbers.order_cancelled_mail", queue=MAIL)
def order_cancelled(payload: dict[str, Any]) -> None:
    _about_order("order_cancelled", payload)


@job("numbers.order_expired_mail", queue=MAIL)
def order_expired(payload: dict[str, Any]) -> None:
    _about_order("order_expired", payload)


@job(expiry.REMINDER, queue=MAIL)
def order_expiring(payload: dict[str, Any]) -> None:
    """Nothing when the customer was faster."""
    if Order.objects.filter(pk=payload["order"], status__in=expiry.WAITS_FOR_CUSTOMER).exists():
        _about_order("order_expiring", payload)


def _about_order(name: str, payload: dict[str, Any]) -> None:
    """The template gets the order, its number and the lines for which documents are missing."""
    order = Order.objects.select_related("number", "project").get(pk=payload["order"])
    lines = checklist.lines(order, timezone.now().date())
    mail.send(
        name,
        project=order.project,
        user_id=payload["user"],
        path=reverse("numbers:order", args=[order.project.pid, order.ref]),
        order=order,
        number=international(order.number.e164),
        missing=[_missing(line, order) for line in lines if line.missing],
    )


def _missing(line: checklist.Line, order: Order) -> dict[str, Any]:
    return {
        "title": line.asked.title,
        "count": line.missing,
        "types": sorted(kind.name for kind in line.asked.document_types.all()),
        "address": address_in_words(line.asked.address_scope, order.number),
    }
