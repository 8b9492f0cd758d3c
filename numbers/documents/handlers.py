"""The job that draws pages of documents."""

from typing import Any

from numbers.documents import preview
from portal.jobs.outbox import job
from portal.jobs.queues import BULK


@job(preview.KIND, queue=BULK)
def draw_pages(payload: dict[str, Any]) -> None:
    preview.draw(document_id=payload["document"], pages=payload["pages"], width=payload["width"])
