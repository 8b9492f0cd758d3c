"""Uploading a document and withdrawing it. Errors: docs/errors.md.

What is uploaded is kept unopened until a job has inspected it (:mod:`numbers.compliance.inspections`).
Lock order: :mod:`numbers.compliance.open_orders`.
"""

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from numbers.compliance import checklist
from numbers.compliance.models import Submission
from numbers.compliance.open_orders import is_in_review, update_orders, with_open_orders_locked
from numbers.compliance.submissions import submit_where_missing
from numbers.documents import inspection_jobs, purging, storage, trail, validation
from numbers.documents.expiry import stage
from numbers.documents.models import Document
from numbers.documents.storage import StoredFile
from numbers.documents.upload_rules import by_upload_key, check_limits, clean_expiry, clean_name
from numbers.documents.validation import ReceivedFile
from numbers.leases.models import Lease
from numbers.orders.models import Order
from numbers.regulations.models import DocumentType
from portal.core import rate_limit
from portal.core.errors import DomainError
from projects.access import require_active
from projects.actor import Actor
from projects.models import Project

PER_MINUTE = 30  # uploads of a project; each costs a worker seconds at worst


def upload(
    *,
    project: Project,
    type: DocumentType,
    name: str,
    expires_on: date | None,
    file: UploadedFile,
    by: Actor,
    now: datetime,
    upload_key: str | None = None,
    replaces: Document | None = None,
    only_for: Order | None = None,
) -> Document:
    """Keeps a file to be inspected by a job. Once it has passed, it is submitted for every requirement of the
    project's open orders (or of ``only_for``) that accepts its type and misses one, and takes the place of
    ``replaces``.

    The same ``upload_key`` stores once. A file that the project has already is not stored again: it is
    submitted where it is missing, and otherwise rejected (``document_already_uploaded``).
    """
    earlier = by_upload_key(project, upload_key)
    if earlier is not None:
        return earlier
    row = Document(project=project, type=type, upload_key=upload_key, replaces=replaces, only_for=only_for)
    row.name, row.expires_on = clean_name(name), clean_expiry(type, expires_on, now.date())
    row.inspection, row.uploaded_by_id, row.uploaded_at = Document.Inspection.PENDING, by.user_id, now
    _check(project, type, replaces, now.date())
    rate_limit.hit("documents", project.pid, per_minute=PER_MINUTE)
    return _store(row, validation.receive(file), by=by, now=now)


def _store(row: Document, received: ReceivedFile, *, by: Actor, now: datetime) -> Document:
    with storage.written(received.data) as stored:
        document = with_open_orders_locked(
            row.project_id, lambda orders: _add(row, received, stored, orders, by=by, now=now)
        )
    if document.storage_name != stored.name:
        storage.erase(stored.name)
    return document


def _add(
    row: Document, received: ReceivedFile, stored: StoredFile, orders: list[Order], *, by: Actor, now: datetime
) -> Document:
    """The new document, or an earlier one that does as well."""
    earlier = by_upload_key(row.project, row.upload_key)
    if earlier is not None:
        return earlier
    old = Document.objects.select_for_update().get(pk=row.replaces_id) if row.replaces_id else None
    _check(Project.objects.get(pk=row.project_id), row.type, old, now.date())
    same = _same_file(row, received.sha256)
    if same is not None:
        orders = [order for order in orders if row.only_for_id in (None, order.pk)]
        return _submit_again(same, row.expires_on, orders, by=by, now=now)
    row.original_name, row.content_type = received.original_name, received.content_type
    row.storage_name, row.wrapped_key = stored.name, stored.wrapped_key
    row.size, row.sha256, row.remark = len(received.data), received.sha256, received.remark
    row.announced = stage(row, now.date())  # whoever types a date that is near knows that it is near
    row.save(force_insert=True)
    trail.record(row, "document.uploaded", by, type=row.type.code)
    inspection_jobs.enqueue_inspection(row)
    return row


def _same_file(row: Document, sha256: str) -> Document | None:
    """Of the same project and type, but for the one that is replaced."""
    kept = purging.kept().filter(project_id=row.project_id, type_id=row.type_id, sha256=sha256)
    return kept.exclude(pk=row.replaces_id or 0).first()


def _submit_again(
    same: Document, expires_on: date | None, orders: list[Order], *, by: Actor, now: datetime
) -> Document:
    """The very file is there: it is submitted where it was not yet. One that is being checked will be."""
    usable = same.is_valid_on(now.date()) and same.expires_on == expires_on
    served = submit_where_missing(same, orders, now=now) if usable else []
    if not served:
        what_to_do = (
            "It is still being checked." if same.is_being_checked else "Choose another file, or replace that document."
        )
        raise DomainError(
            "document_already_uploaded",
            f"This file has already been uploaded as “{same.name}”. {what_to_do}",
            field="file",
            document=str(same.ref),
        )
    trail.record(same, "document.offered", by, orders=[str(order.ref) for order in served])
    update_orders(served, now=now)
    return same


def withdraw(*, document: Document, by: Actor, now: datetime) -> Document:
    """By the customer: the file is destroyed at once, and orders that counted on it require another one.

    Doing it twice is harmless. Raises ``document_in_use`` while an order that uses it is in review or approved, or a
    live lease came of an order with it; ``project_archived``.
    """
    return with_open_orders_locked(document.project_id, lambda orders: _withdraw(document, orders, by=by, now=now))


def _withdraw(document: Document, orders: list[Order], *, by: Actor, now: datetime) -> Document:
    document = Document.objects.select_related("project", "type").select_for_update(of=("self",)).get(pk=document.pk)
    if not document.is_there:
        return document
    require_active(document.project)
    _require_unused(document)
    document.withdrawn_at, document.purge_after = now, None
    document.save(update_fields=["withdrawn_at", "purge_after"])
    storage.destroy(document)
    trail.record(document, "document.withdrawn", by, type=document.type.code)
    concerned = set(_submissions(document).values_list("requirement__order_id", flat=True))
    update_orders((order for order in orders if order.pk in concerned), now=now)
    return document


# -- rules -------------------------------------------------------------------------------------------------------------


def _check(project: Project, type: DocumentType, replaces: Document | None, today: date) -> None:
    """Before the work, and again under the lock."""
    require_active(project)
    if not DocumentType.objects.filter(pk=type.pk, is_active=True).exists():
        raise DomainError(
            "document_type_not_offered", "Choose one of the document types in the list.", field="type", status=422
        )
    if replaces is not None:
        if replaces.project_id != project.pk or replaces.type_id != type.pk or replaces.withdrawn_at is not None:
            raise DomainError(
                "document_replacement_invalid",
                "The document you want to replace is of another type, or has been withdrawn.",
                field="type",
                status=422,
            )
        if replaces.is_being_checked:
            raise DomainError(
                "document_being_checked",
                f"“{replaces.name}” is still being checked. Wait for the result, or withdraw it.",
            )
        if replaces.is_valid_on(today) and is_in_review(replaces):
            raise _in_use("It is in review. Upload the other one beside it, or wait for the answer.")
    check_limits(project)


def _require_unused(document: Document) -> None:
    if is_in_review(document):
        raise _in_use("It is in review. Wait for the answer, or cancel the order.")
    if (
        _submissions(document)
        .filter(verdict=checklist.ACCEPTED, requirement__order__lease__status__in=Lease.LIVE)
        .exists()
    ):
        raise _in_use("One of your numbers depends on it; it must be kept until that number is released.")


def _in_use(why: str) -> DomainError:
    return DomainError("document_in_use", f"This document is in use. {why}")


# -- rows --------------------------------------------------------------------------------------------------------------


def _submissions(document: Document) -> QuerySet[Submission]:
    return Submission.objects.filter(document=document)
