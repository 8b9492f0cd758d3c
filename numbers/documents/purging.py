"""Destroying the files of documents whose time of retention is over."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, QuerySet

from numbers.documents import storage, trail
from numbers.documents.models import Document
from projects.actor import SYSTEM
from projects.locking import lock_project

BATCH = 500  # files destroyed in one run; the next one goes on


def kept() -> QuerySet[Document]:
    """Documents whose files are there."""
    return Document.objects.filter(withdrawn_at=None, purged_at=None)


def purge(*, needed: Exists, now: datetime, batch: int = BATCH) -> int:
    """Destroys what is due and not ``needed`` (a condition on documents); the row stays. Returns how many."""
    due = kept().filter(purge_after__lte=now).order_by("purge_after", "id").values_list("pk", "project_id")
    return sum(_purge(pk, project_id, needed, now) for pk, project_id in due[:batch])


@transaction.atomic
def _purge(pk: int, project_id: int, needed: Exists, now: datetime) -> bool:
    # Placing an order, which may count on the document, and uploading lock the project too.
    lock_project(project_id)
    document = kept().select_for_update(of=("self",)).select_related("type").filter(pk=pk, purge_after__lte=now).first()
    # Looked up with the row locked: submitting it, which waits for the row, may just have been committed.
    if document is None or Document.objects.filter(needed, pk=pk).exists():
        return False
    document.purged_at = now
    document.save(update_fields=["purged_at"])
    storage.destroy(document)
    trail.record(document, "document.purged", SYSTEM, type=document.type.code)
    return True
