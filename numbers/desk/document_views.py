"""Viewings of a customer's documents. Each one is in the customer's trail before a byte of the document leaves.

Pictures of one document count as one viewing per session and order, so that leafing through is one entry; a page of
the desk shows a picture only after someone opened that document. Each download is a viewing of its own.
"""

import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.db.models import TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import HttpRequest

from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders.models import Order
from projects import audit
from projects.actor import Actor
from projects.models import AuditEntry

PREVIEW, DOWNLOAD = "preview", "download"


def viewed(documents: Iterable[Document]) -> set[str]:
    """References of those that were viewed or downloaded by a reviewer, for whatever order; one query."""
    wanted = list(documents)
    if not wanted:
        return set()
    submissions = Submission.objects.filter(document__in=wanted).order_by()
    orders = submissions.values_list(Cast("requirement__order__ref", TextField()), flat=True)
    entries = AuditEntry.objects.annotate(order_ref=KT("data__order"), document=KT("data__document"))
    found = entries.filter(data__order__isnull=False, order_ref__in=orders, action="document.viewed")
    return set(found.values_list("document", flat=True)) & {str(each.ref) for each in wanted}


@transaction.atomic
def record_view(request: HttpRequest, submission: Submission, *, by: Actor, download: bool = False) -> None:
    """The row's lock makes two pages that are requested at the same moment one viewing."""
    Submission.objects.select_for_update(no_key=True).get(pk=submission.pk)
    order, document = submission.requirement.order, submission.document
    facts = {"document": str(document.ref), "session": _fingerprint(request), "how": DOWNLOAD if download else PREVIEW}
    if download or not _is_recorded(order, facts):
        audit.record(
            project_id=order.project_id,
            by=by,
            action="document.viewed",
            subject=document.name,
            order=str(order.ref),
            number=order.number.e164,
            **facts,
        )


def _is_recorded(order: Order, facts: dict[str, str]) -> bool:
    """Read by the index ``audit_order``."""
    entries = AuditEntry.objects.annotate(order_ref=KT("data__order")).filter(data__order__isnull=False)
    same = {f"data__{name}": value for name, value in facts.items()}
    return entries.filter(order_ref=str(order.ref), action="document.viewed", **same).exists()


def _fingerprint(request: HttpRequest) -> str:
    """Tells sessions apart and opens none."""
    return hashlib.sha256(str(request.session.session_key).encode()).hexdigest()[:16]
