"""The job that inspects a received file: queueing it, and closing what it rejects or could not inspect."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from numbers.documents import storage, trail
from numbers.documents.models import Document, Inspection
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from projects.actor import SYSTEM

KIND, MAIL = "documents.inspect", "numbers.document_refused_mail"
MAIL_AFTER = timedelta(minutes=2)  # whoever still looks at the page sends another file meanwhile


def job_key(document: Document) -> str:
    return f"{KIND}:{document.pk}"


def enqueue_inspection(document: Document) -> None:
    """Call in the transaction that stores the row."""
    enqueue(KIND, {"document": document.pk}, key=job_key(document))


@transaction.atomic
def close(document_id: int, inspection: str, *, remark: str, code: str, now: datetime) -> None:
    """The file is erased, the row says why, and the same form may send another file."""
    document = Document.objects.select_related("type").select_for_update(of=("self",)).get(pk=document_id)
    if not document.is_being_checked:
        return
    document.inspection, document.inspected_at, document.purged_at = inspection, now, now
    document.remark, document.rejection_code = remark, code
    document.upload_key = document.purge_after = None
    document.save(
        update_fields=[
            "inspection",
            "inspected_at",
            "purged_at",
            "remark",
            "rejection_code",
            "upload_key",
            "purge_after",
        ]
    )
    storage.destroy(document)
    action = "document.refused" if inspection == Inspection.REJECTED else "document.check_failed"
    trail.record(document, action, SYSTEM, type=document.type.code, code=code)
    enqueue(MAIL, {"document": document_id}, key=f"{MAIL}:{document_id}", run_at=now + MAIL_AFTER)


def close_abandoned(*, now: datetime) -> int:
    """Closes what waits for an inspection that will not be tried any more; returns how many."""
    key = Concat(Value(f"{KIND}:"), Cast(OuterRef("pk"), CharField()))
    tried = Job.objects.filter(key=key, state=Job.State.QUEUED)
    waiting = Document.objects.filter(inspection=Inspection.PENDING, withdrawn_at=None, purged_at=None)
    lost = list(waiting.filter(~Exists(tried)).order_by("id").values_list("pk", flat=True))
    for pk in lost:
        close(
            pk,
            Inspection.FAILED,
            code="document_check_unavailable",
            now=now,
            remark="We tried several times and could not check this file. Please upload it again; if that does not "
            "help, write to us.",
        )
    return len(lost)


def rejected_document(document_id: int) -> Document | None:
    """For the mail: None when whoever sent it has sent another file of that type since, and so has seen it."""
    document = Document.objects.select_related("project", "type").get(pk=document_id)
    later = Document.objects.filter(
        project_id=document.project_id,
        type_id=document.type_id,
        uploaded_by_id=document.uploaded_by_id,
        uploaded_at__gt=document.uploaded_at,
    )
    return None if later.exists() else document
