"""What happens to documents by itself: announcements, retention, and the mail that goes with them."""

from typing import Any

from celery import shared_task
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from numbers.compliance import expiry, inspections, retention
from numbers.documents import preview, storage
from numbers.documents.models import Document
from portal.jobs.outbox import job
from portal.jobs.queues import BULK, MAIL
from projects import mail
from projects.models import Project


@shared_task(name="numbers.watch_documents")
def watch_documents() -> None:
    """Hourly. Each step is harmless twice, late, or beside another one of its kind."""
    now = timezone.now()
    expiry.announce(now=now)
    expiry.reopen_orders(now=now)
    retention.set_dates()
    retention.purge(now=now)
    storage.sweep(now=now)


@shared_task(name="numbers.follow_inspections")
def follow_inspections() -> None:
    """Minutely: whose inspection was tried for the last time hears of it."""
    inspections.give_up(now=timezone.now())


@job(inspections.KIND, queue=BULK)
def inspect_document(payload: dict[str, Any]) -> None:
    inspections.inspect(document_id=payload["document"], now=timezone.now())


@job(preview.KIND, queue=BULK)
def draw_pages(payload: dict[str, Any]) -> None:
    preview.draw(document_id=payload["document"], pages=payload["pages"], width=payload["width"])


@job(inspections.MAIL, queue=MAIL)
def document_refused(payload: dict[str, Any]) -> None:
    document = inspections.refused(payload["document"])
    if document is not None:
        _mail("document_refused", document, failed=document.inspection == document.Inspection.FAILED)


@job(expiry.MAIL, queue=MAIL)
def document_expiring(payload: dict[str, Any]) -> None:
    document = expiry.still_matters(payload["document"])
    if document is not None:
        expired = expiry.stage(document, timezone.now().date()) == expiry.EXPIRED
        _mail("document_expiring", document, expired=expired)


def _mail(name: str, document: Document, **facts: bool) -> None:
    """To whoever uploaded it, with the way to the project's documents."""
    mail.send(
        name,
        project=document.project,
        user_id=document.uploaded_by_id,
        path=_page(document.project),
        document=document,
        **facts,
    )


def _page(project: Project) -> str:
    try:
        return reverse("numbers:documents", args=[project.pid])
    except NoReverseMatch:
        return reverse("numbers:overview", args=[project.pid])
