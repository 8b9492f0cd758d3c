"""Mails about what reviewers decided; queued in the transaction of the decision."""

from typing import Any

from django.urls import reverse

from numbers.compliance import checklist
from numbers.compliance.models import Submission
from numbers.orders.models import Order, OrderMessage
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail


@job("numbers.documents_asked_mail", queue=MAIL)
def documents_requested(payload: dict[str, Any]) -> None:
    message = OrderMessage.objects.select_related("order__number", "order__project").get(pk=payload["message"])
    _send("documents_requested", message.order, message=message, title=payload["title"])


@job("numbers.document_rejected_mail", queue=MAIL)
def document_rejected(payload: dict[str, Any]) -> None:
    rows = Submission.objects.select_related("document", "requirement__order__number", "requirement__order__project")
    submission = rows.get(pk=payload["submission"])
    if submission.verdict != Submission.Verdict.REJECTED:
        return  # the reviewer has thought better of it meanwhile
    order = submission.requirement.order
    today = submission.decided_at.date() if submission.decided_at else submission.created_at.date()
    missing = next(
        item.missing for item in checklist.items(order, today) if item.requirement.pk == submission.requirement_id
    )
    _send(
        "document_rejected",
        order,
        submission=submission,
        document=submission.document,
        requirement=submission.requirement,
        missing=missing,
    )


@job("numbers.order_rejected_mail", queue=MAIL)
def order_rejected(payload: dict[str, Any]) -> None:
    order = Order.objects.select_related("number", "project").get(pk=payload["order"])
    _send("order_rejected", order)


def _send(name: str, order: Order, **context: Any) -> None:
    mail.send(
        name,
        project=order.project,
        user_id=order.ordered_by_id,
        path=reverse("numbers:order", args=[order.project.pid, order.ref]),
        order=order,
        number=international(order.number.e164),
        **context,
    )
