"""Pictures of a document's pages, for the people who check it: drawn by a job in the limited process, kept encrypted
beside the document and destroyed with it. No request waits for a drawing.
"""

from datetime import datetime

from numbers.documents import storage
from numbers.documents.inspection import limited
from numbers.documents.models import Document
from numbers.documents.rejections import DocumentRejected
from portal.core.errors import DomainError
from portal.jobs.outbox import enqueue

KIND = "documents.draw"
LEAST_WIDTH, MOST_WIDTH = 100, 2000
WIDTH, LARGE = storage.WIDTHS
AHEAD = 5  # pages that are drawn before anybody looks, of documents that an order has
UNDRAWABLE = b""  # kept in place of a picture that was too much work


def page_png(document: Document, page: int, width: int = WIDTH) -> bytes:
    """Page ``page``, counted from 1, as a PNG at most ``width`` pixels wide (100 to 2,000; beyond, the nearest).
    It may take seconds: for jobs.

    Raises ``document_page_unknown`` (404), DocumentRejected when it takes too much, and what
    :func:`numbers.documents.storage.read` raises.
    """
    if not 1 <= page <= document.pages:
        raise DomainError("document_page_unknown", "The document has no such page.", status=404)
    width = max(LEAST_WIDTH, min(width, MOST_WIDTH))
    clear = storage.read(document)
    return limited.run("draw", clear, content_type=document.content_type, page=page, width=width).data


def drawn(document: Document, page: int, width: int, *, now: datetime) -> bytes | None:
    """The picture, ``width`` being one of ``storage.WIDTHS``; None while it is being drawn, which this call sees to.

    Raises ``document_page_unknown`` (404), ``document_undrawable`` (422), and what
    :func:`numbers.documents.storage.read` raises. The caller checks the right to see it, and logs that it was seen.
    """
    if not 1 <= page <= document.pages:
        raise DomainError("document_page_unknown", "The document has no such page.", status=404)
    picture = storage.read_page(document, page, width)
    if picture is None:  # once a minute at most, should a picture have got lost
        payload = {"document": document.pk, "pages": [page], "width": width}
        enqueue(KIND, payload, key=f"{KIND}:{document.pk}:{page}:{width}:{int(now.timestamp()) // 60}")
    elif picture == UNDRAWABLE:
        words = "This page is too complex to show. Download the file instead."
        raise DomainError("document_undrawable", words, status=422)
    return picture


def enqueue_first_pages(document: Document) -> None:
    pages = list(range(1, min(document.pages, AHEAD) + 1))
    enqueue(KIND, {"document": document.pk, "pages": pages, "width": WIDTH}, key=f"{KIND}:{document.pk}:ahead")


def draw(*, document_id: int, pages: list[int], width: int) -> None:
    """Draws what is not drawn yet. Harmless twice."""
    document = Document.objects.get(pk=document_id)
    for page in pages:
        if not document.has_passed or storage.read_page(document, page, width) is not None:
            continue
        try:
            picture = page_png(document, page, width)
        except DocumentRejected:
            picture = UNDRAWABLE
        storage.write_page(document, page, width, picture)
