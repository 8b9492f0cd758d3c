"""Which documents the team has opened: read from the trail, where each opening stands before a byte leaves."""

from collections.abc import Iterable

from django.db.models import TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from numbers.compliance.models import Submission
from numbers.documents.models import Document
from projects.models import AuditEntry


def opened(documents: Iterable[Document]) -> set[str]:
    """References of those that were viewed or downloaded by a reviewer, for whatever order; one query."""
    papers = list(documents)
    if not papers:
        return set()
    offered = Submission.objects.filter(document__in=papers).order_by()
    orders = offered.values_list(Cast("line__order__ref", TextField()), flat=True)
    entries = AuditEntry.objects.annotate(order_ref=KT("data__order"), document=KT("data__document"))
    found = entries.filter(data__order__isnull=False, order_ref__in=orders, action="document.viewed")
    return set(found.values_list("document", flat=True)) & {str(each.ref) for each in papers}
