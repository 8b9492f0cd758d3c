"""A project's own file, back to whoever may handle its numbers."""

from django.db import transaction

from numbers.documents import vault
from numbers.documents.models import Document
from projects import audit
from projects.actor import Actor


@transaction.atomic
def download(*, document: Document, by: Actor) -> bytes:
    """The clear file; the trail keeps who took it. Raises ``document_gone`` (410), ``document_unreadable`` (500)."""
    clear = vault.read(document)
    audit.record(project_id=document.project_id, by=by, action="document.downloaded", subject=document.name,
                 document=str(document.ref), type=document.type.code)
    return clear
