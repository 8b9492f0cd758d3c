"""Mails about purchases and orders; queued in the transaction that makes them."""

from typing import Any

from django.urls import reverse

from numbers.leases.models import Lease
from numbers.orders.models import Order
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from projects import mail


@job("numbers.purchased_mail")
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


@job("numbers.order_received_mail")
def order_received(payload: dict[str, Any]) -> None:
    order = Order.objects.select_related("number", "project").get(pk=payload["order"])
    mail.send(
        "order_received",
        project=order.project,
        user_id=payload["user"],
        path=reverse("numbers:purchased", args=[order.project.pid]) + "#ordered",
        order=order,
        number=international(order.number.e164),
    )
