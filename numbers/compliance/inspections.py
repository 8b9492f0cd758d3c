"""Inspecting a received file: a job has it opened in the limited process, and what comes out takes its place.

Until then nobody may open it. A worker that dies leaves the row as it was, and another one begins anew; when the job
has used up its attempts, :func:`give_up` closes the row. Lock order: :mod:`numbers.compliance.open_orders`.
"""

from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from numbers.compliance.open_orders import is_in_review, update_orders, with_open_orders_locked, withdraw_replaced
from numbers.compliance.submissions import submit_in_place_of, submit_where_missing
from numbers.documents import preview, remarks, scanner, storage
from numbers.documents.inspection import limited
from numbers.documents.inspection.limited import Outcome
from numbers.documents.models import Document
from numbers.documents.rejections import DocumentRefused
from numbers.documents.storage import Stored
from numbers.orders.models import Order
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM

KIND, MAIL = "documents.inspect", "numbers.document_refused_mail"
MAIL_AFTER = timedelta(minutes=2)  # whoever still looks at the page sends another file meanwhile
Inspection = Document.Inspection


def job_key(document: Document) -> str:
    return f"{KIND}:{document.pk}"


def enqueue_inspection(document: Document) -> None:
    """Call in the transaction that stores the row."""
    enqueue(KIND, {"document": document.pk}, key=job_key(document))


def inspect(*, document_id: int, now: datetime) -> None:
    """Keeps or refuses a file that waits for it. Harmless twice and beside another one.

    Raises ``document_check_unavailable``, ``document_not_stored`` or ``document_unreadable`` when it must be tried
    again later; nothing has changed then.
    """
    document = Document.objects.get(pk=document_id)
    if not document.is_being_checked:
        return
    received = storage.read_unchecked(document)
    try:
        outcome = limited.run("inspect", received, name=document.original_name)  # seconds at worst: before any lock
        scanner.check(received)
    except DocumentRefused as refusal:
        _close(document_id, Inspection.REFUSED, remark=refusal.message, code=refusal.code, now=now)
        return
    stored = storage.write(outcome.data)
    try:
        kept = with_open_orders_locked(
            document.project_id, lambda orders: _keep(document_id, outcome, stored, orders, now=now)
        )
    except (OperationalError, InterfaceError):
        raise  # what was written is left to the sweep
    except BaseException:
        storage.erase(stored.name)
        raise
    if not kept:
        storage.erase(stored.name)


def _keep(document_id: int, outcome: Outcome, stored: Stored, orders: list[Order], *, now: datetime) -> bool:
    """False when it was taken back, or inspected by another worker, meanwhile."""
    document = Document.objects.select_related("project", "type").select_for_update(of=("self",)).get(pk=document_id)
    if not document.is_being_checked:
        return False
    received = document.storage_name
    transaction.on_commit(lambda: storage.erase(received), robust=True)
    document.storage_name, document.wrapped_key = stored.name, stored.wrapped_key
    document.size, document.pages = len(outcome.data), int(outcome.facts["pages"])
    document.inspection, document.inspected_at = Inspection.PASSED, now
    if outcome.facts.get("missing"):
        remarks.add(document, remarks.incomplete(int(outcome.facts["missing"])))
    old = _place_of(document, now)
    document.save(
        update_fields=[
            "storage_name",
            "wrapped_key",
            "size",
            "pages",
            "inspection",
            "inspected_at",
            "replaces",
            "remark",
        ]
    )
    served = _hand_in(document, old, orders, now=now)
    audit.record(
        project_id=document.project_id,
        by=SYSTEM,
        action="document.replaced" if old else "document.checked",
        subject=document.name,
        document=str(document.ref),
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


def _place_of(document: Document, now: datetime) -> Document | None:
    """The one that it replaces, locked. What was taken back, or is in review by now, is not replaced any more."""
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


def _hand_in(document: Document, old: Document | None, orders: list[Order], *, now: datetime) -> list[Order]:
    """Returns the orders that got it. The day may have passed, and the project been archived, since it was sent."""
    if not document.is_valid_on(now.date()) or not document.project.is_active:
        return []
    served = submit_where_missing(
        document, [order for order in orders if document.only_for_id in (None, order.pk)], now=now
    )
    if old is not None:
        served += [order for order in submit_in_place_of(old, document, orders, now=now) if order not in served]
    return served


@transaction.atomic
def _close(document_id: int, inspection: str, *, remark: str, code: str, now: datetime) -> None:
    """The file is erased, the row says why, and the same form may send another file."""
    document = Document.objects.select_related("type").select_for_update(of=("self",)).get(pk=document_id)
    if not document.is_being_checked:
        return
    document.inspection, document.inspected_at, document.purged_at = inspection, now, now
    document.remark, document.refusal_code = remark, code
    document.upload_key = document.purge_after = None
    document.save(
        update_fields=["inspection", "inspected_at", "purged_at", "remark", "refusal_code", "upload_key", "purge_after"]
    )
    storage.destroy(document)
    action = "document.refused" if inspection == Inspection.REFUSED else "document.check_failed"
    audit.record(
        project_id=document.project_id,
        by=SYSTEM,
        action=action,
        subject=document.name,
        document=str(document.ref),
        type=document.type.code,
        code=code,
    )
    enqueue(MAIL, {"document": document_id}, key=f"{MAIL}:{document_id}", run_at=now + MAIL_AFTER)


def give_up(*, now: datetime) -> int:
    """Closes what waits for an inspection that will not be tried any more; returns how many."""
    key = Concat(Value(f"{KIND}:"), Cast(OuterRef("pk"), CharField()))
    tried = Job.objects.filter(key=key, state=Job.State.QUEUED)
    waiting = Document.objects.filter(inspection=Inspection.PENDING, withdrawn_at=None, purged_at=None)
    lost = list(waiting.filter(~Exists(tried)).order_by("id").values_list("pk", flat=True))
    for pk in lost:
        _close(
            pk,
            Inspection.FAILED,
            code="document_check_unavailable",
            now=now,
            remark="We tried several times and could not check this file. Please upload it again; if that does not "
            "help, write to us.",
        )
    return len(lost)


def refused(document_id: int) -> Document | None:
    """For the mail: None when whoever sent it has sent another file of that type since, and so has seen it."""
    document = Document.objects.select_related("project", "type").get(pk=document_id)
    later = Document.objects.filter(
        project_id=document.project_id,
        type_id=document.type_id,
        uploaded_by_id=document.uploaded_by_id,
        uploaded_at__gt=document.uploaded_at,
    )
    return None if later.exists() else document
