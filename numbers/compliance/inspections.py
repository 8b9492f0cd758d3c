"""The inspection of a received file: it is opened in the limited process, and what comes out takes its place.

Until then nobody may open it. A worker that dies leaves the row as it was, and another one begins anew; when the job
has used up its attempts, :mod:`numbers.documents.inspection_jobs` closes the row. Lock order:
:mod:`numbers.compliance.open_orders`.
"""

from datetime import datetime

from django.db import transaction

from numbers.compliance.open_orders import is_in_review, update_orders, with_open_orders_locked, withdraw_replaced
from numbers.compliance.submissions import submit_in_place_of, submit_where_missing
from numbers.documents import preview, remarks, scanner, storage, trail
from numbers.documents.inspection import limited
from numbers.documents.inspection.limited import InspectionResult
from numbers.documents.inspection_jobs import close
from numbers.documents.models import Document, Inspection
from numbers.documents.rejections import DocumentRejected
from numbers.documents.storage import StoredFile
from numbers.orders.models import Order
from projects.actor import SYSTEM

FILE_FIELDS = ("storage_name", "wrapped_key", "size", "pages")


def inspect(*, document_id: int, now: datetime) -> None:
    """Passes or rejects a file that waits for it. Harmless twice and beside another one.

    Raises ``document_check_unavailable``, ``document_not_stored`` or ``document_unreadable`` when it must be tried
    again later; nothing has changed then.
    """
    document = Document.objects.get(pk=document_id)
    if not document.is_being_checked:
        return
    received = storage.read_unchecked(document)
    try:
        result = limited.run("inspect", received, name=document.original_name)  # seconds at worst: before any lock
        scanner.check(received)
    except DocumentRejected as rejection:
        close(document_id, Inspection.REJECTED, remark=rejection.message, code=rejection.code, now=now)
        return
    with storage.written(result.data) as stored:
        passed = with_open_orders_locked(
            document.project_id, lambda orders: _pass(document_id, result, stored, orders, now=now)
        )
    if not passed:
        storage.erase(stored.name)


def _pass(
    document_id: int, result: InspectionResult, stored: StoredFile, orders: list[Order], *, now: datetime
) -> bool:
    """False when it was withdrawn, or inspected by another worker, meanwhile."""
    document = Document.objects.select_related("project", "type").select_for_update(of=("self",)).get(pk=document_id)
    if not document.is_being_checked:
        return False
    _replace_file(document, result, stored)
    document.inspection, document.inspected_at = Inspection.PASSED, now
    old = _replaced_document(document, now)
    document.save(update_fields=[*FILE_FIELDS, "inspection", "inspected_at", "replaces", "remark"])
    served = _submit(document, old, orders, now=now)
    trail.record(
        document,
        "document.replaced" if old else "document.checked",
        SYSTEM,
        type=document.type.code,
        orders=[str(order.ref) for order in served],
        **({"replaced": str(old.ref)} if old else {}),
    )
    if served:
        preview.enqueue_first_pages(document)
    if old is not None:
        withdraw_replaced(old, now=now)
    update_orders(served, now=now)
    return True


def _replace_file(document: Document, result: InspectionResult, stored: StoredFile) -> None:
    """By what came out of the inspection; the caller saves the row."""
    received = document.storage_name
    transaction.on_commit(lambda: storage.erase(received), robust=True)
    document.storage_name, document.wrapped_key = stored.name, stored.wrapped_key
    document.size, document.pages = len(result.data), int(result.facts["pages"])
    if result.facts.get("missing"):
        remarks.add(document, remarks.incomplete(int(result.facts["missing"])))


def _replaced_document(document: Document, now: datetime) -> Document | None:
    """The one that it replaces, locked. What was withdrawn, or is in review by now, is not replaced any more."""
    if document.replaces_id is None:
        return None
    old = Document.objects.select_for_update().get(pk=document.replaces_id)
    reviewed = old.is_valid_on(now.date()) and is_in_review(old)
    if not reviewed and old.withdrawn_at is None:
        return old
    document.replaces = None
    if reviewed:
        remarks.add(document, f"“{old.name}” is already in review, so this document was added instead of replacing it.")
    return None


def _submit(document: Document, old: Document | None, orders: list[Order], *, now: datetime) -> list[Order]:
    """Returns the orders that it was submitted for. It may have expired by now, and the project be archived."""
    if not document.is_valid_on(now.date()) or not document.project.is_active:
        return []
    served = submit_where_missing(
        document, [order for order in orders if document.only_for_id in (None, order.pk)], now=now
    )
    if old is not None:
        served += [order for order in submit_in_place_of(old, document, orders, now=now) if order not in served]
    return served
