"""Pictures of a document's pages, for the people who check it: drawn in the limited process, kept nowhere."""

from numbers.documents import vault
from numbers.documents.inspection import limited
from numbers.documents.models import Document
from projects.errors import DomainError

LEAST_WIDTH, MOST_WIDTH = 100, 2000


def page_png(document: Document, page: int, width: int = 1100) -> bytes:
    """Page ``page``, counted from 1, as a PNG at most ``width`` pixels wide (100 to 2,000; beyond, the nearest).

    Raises ``document_page_unknown`` (404) and what :func:`numbers.documents.vault.read` raises. The caller checks the
    right to see it, and logs that it was seen.
    """
    if not 1 <= page <= document.pages:
        raise DomainError("document_page_unknown", "The document has no such page.", status=404)
    width = max(LEAST_WIDTH, min(width, MOST_WIDTH))
    clear = vault.read(document)
    return limited.run("draw", clear, content_type=document.content_type, page=page, width=width).data
