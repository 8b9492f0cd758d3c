"""Mails about purchases and orders; queued in the transaction that makes them."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from numbers.leases.models import Lease
from numbers.orders.models import Order
from portal.accounts.telephone import international
from portal.jobs import mail
from portal.jobs.outbox import job
from projects.recipients import recipient


@job("numbers.purchased_mail")
def number_purchased(payload: dict[str, Any]) -> None:
    lease = Lease.objects.select_related("number", "project").get(pk=payload["lease"])
    person = recipient(lease.project, payload["user"])
    if person is None:
        return
    path = reverse("numbers:lease", args=[lease.project.pid, lease.pk])
    mail.send_templated(
        "number_purchased",
        to=[person.email],
        context={
            "person": person,
            "lease": lease,
            "project": lease.project,
            "number": international(lease.number.e164),
            "total": lease.setup_price + lease.monthly_price,
            "url": settings.SITE_URL + path,
        },
    )


@job("numbers.order_received_mail")
def order_received(payload: dict[str, Any]) -> None:
    order = Order.objects.select_related("number", "project").get(pk=payload["order"])
    person = recipient(order.project, payload["user"])
    if person is None:
        return
    path = reverse("numbers:purchased", args=[order.project.pid])
    mail.send_templated(
        "order_received",
        to=[person.email],
        context={
            "person": person,
            "order": order,
            "project": order.project,
            "number": international(order.number.e164),
            "url": f"{settings.SITE_URL}{path}#ordered",
        },
    )
