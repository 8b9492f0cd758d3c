"""A project's own file, back to whoever may handle its numbers."""

from numbers.documents import storage, trail
from numbers.documents.models import Document
from portal.core.outage import best_effort
from projects.actor import Actor


def download(*, document: Document, by: Actor) -> bytes:
    """The clear file; the trail keeps who downloaded it. Raises ``document_gone`` (410), ``document_unreadable`` (500).

    It is the customer's own: while the trail takes nothing, the log keeps who downloaded it. Staff get nothing then.
    """
    clear = storage.read(document)
    with best_effort("document.downloaded", document=str(document.ref), user_id=by.user_id):
        trail.record(document, "document.downloaded", by, type=document.type.code)
    return clear
