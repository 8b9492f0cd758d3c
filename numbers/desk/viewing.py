"""Opening a customer's document. Each opening is in the customer's trail before a byte of it leaves.

Pictures of one document count as one opening per session and order, so that leafing through is one entry; a page of
the desk shows a picture only after somebody asked to view that document. Each download is an opening of its own.
"""

import hashlib

from django.db import transaction
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from numbers.compliance.models import Submission
from numbers.orders.models import Order
from projects import audit
from projects.actor import Actor
from projects.models import AuditEntry

PREVIEW, DOWNLOAD = "preview", "download"
# Nothing in such an answer may run, load or be framed, whatever it turns out to be.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


@transaction.atomic
def record(request: HttpRequest, submission: Submission, *, by: Actor, download: bool = False) -> None:
    """The row's lock makes two pages that are asked for at the same moment one opening."""
    Submission.objects.select_for_update(no_key=True).get(pk=submission.pk)
    order, document = submission.line.order, submission.document
    facts = {"document": str(document.ref), "session": _fingerprint(request), "how": DOWNLOAD if download else PREVIEW}
    if download or not _recorded(order, facts):
        audit.record(
            project_id=order.project_id,
            by=by,
            action="document.viewed",
            subject=document.name,
            order=str(order.ref),
            number=order.number.e164,
            **facts,
        )


def _recorded(order: Order, facts: dict[str, str]) -> bool:
    """Read by the index ``audit_order``."""
    entries = AuditEntry.objects.annotate(order_ref=KT("data__order")).filter(data__order__isnull=False)
    same = {f"data__{name}": value for name, value in facts.items()}
    return entries.filter(order_ref=str(order.ref), action="document.viewed", **same).exists()


def _fingerprint(request: HttpRequest) -> str:
    """Tells sessions apart and opens none."""
    return hashlib.sha256(str(request.session.session_key).encode()).hexdigest()[:16]


def private(content: bytes, *, content_type: str, name: str, attachment: bool) -> HttpResponse:
    """Kept by nobody, run by nobody."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(attachment, name) or "attachment"
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
