"""The inspection of received files, and the mails about orders and their documents."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from numbers.compliance import checklist, inspections
from numbers.compliance.expiry import document_to_announce
from numbers.documents import expiry, inspection_jobs
from numbers.documents.models import Document
from numbers.orders.expiry import REMINDER
from numbers.orders.models import Order
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from portal.jobs.queues import BULK, MAIL
from projects import mail


@job(inspection_jobs.KIND, queue=BULK)
def inspect_document(payload: dict[str, Any]) -> None:
    inspections.inspect(document_id=payload["document"], now=timezone.now())


@job(inspection_jobs.MAIL, queue=MAIL)
def file_rejected(payload: dict[str, Any]) -> None:
    document = inspection_jobs.rejected_document(payload["document"])
    if document is not None:
        _mail("file_rejected", document, failed=document.inspection == document.Inspection.FAILED)


@job(expiry.MAIL, queue=MAIL)
def document_expiring(payload: dict[str, Any]) -> None:
    document = document_to_announce(payload["document"])
    if document is not None:
        expired = expiry.stage(document, timezone.now().date()) == expiry.EXPIRED
        _mail("document_expiring", document, expired=expired)


def _mail(name: str, document: Document, **facts: bool) -> None:
    """To whoever uploaded it, with the way to the project's documents."""
    mail.send(
        name,
        project=document.project,
        user_id=document.uploaded_by_id,
        path=reverse("numbers:documents", args=[document.project.pid]),
        document=document,
        **facts,
    )


# -- orders ------------------------------------------------------------------------------------------------------------


@job("numbers.order_received_mail", queue=MAIL)
def order_received(payload: dict[str, Any]) -> None:
    _about_order("order_received", payload)


@job("numbers.order_cancelled_mail", queue=MAIL)
def order_cancelled(payload: dict[str, Any]) -> None:
    _about_order("order_cancelled", payload)


@job("numbers.order_expired_mail", queue=MAIL)
def order_expired(payload: dict[str, Any]) -> None:
    _about_order("order_expired", payload)


@job(REMINDER, queue=MAIL)
def order_expiring(payload: dict[str, Any]) -> None:
    """Nothing when the customer was faster."""
    if Order.objects.filter(pk=payload["order"], status__in=Order.INCOMPLETE).exists():
        _about_order("order_expiring", payload)


def _about_order(name: str, payload: dict[str, Any]) -> None:
    """The template gets the order, its number and the requirements for which documents are missing."""
    order = Order.objects.select_related("number", "project").get(pk=payload["order"])
    mail.send(
        name,
        project=order.project,
        user_id=payload["user"],
        path=reverse("numbers:order", args=[order.project.pid, order.ref]),
        order=order,
        number=international(order.number.e164),
        missing=[_missing(item) for item in checklist.items(order, timezone.now().date()) if item.missing],
    )


def _missing(item: checklist.ChecklistItem) -> dict[str, Any]:
    return {
        "title": item.requirement.title,
        "count": item.missing,
        "types": [kind.name for kind in item.types],
        "address": item.address,
    }
