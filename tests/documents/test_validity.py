"""Whether a document is valid on a day: the method and the condition of queries say the same."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from numbers.models import Document, Submission
from tests.documents.pages import order, submitted
from tests.support.documents import make_document

DAY = timezone.now().date()


@pytest.fixture
def documents(project, germany):
    """Of every kind, each submitted for one order."""
    found, now = order(project), timezone.now()
    for inspection, withdrawn_at, purged_at, days in product(
        Document.Inspection, (None, now), (None, now), (None, -1, 0, 1)
    ):
        if purged_at or inspection in (Document.Inspection.PENDING, Document.Inspection.PASSED):
            document = make_document(
                project,
                "bill",
                inspection=inspection,
                remark="why",
                withdrawn_at=withdrawn_at,
                purged_at=purged_at,
                expires_on=days if days is None else DAY + timedelta(days=days),
            )
            submitted(found, 1, document)
    return list(Document.objects.all())


def test_method_and_query_agree(documents):
    valid = {document.pk for document in documents if document.is_valid_on(DAY)}
    assert len(documents) == 48
    assert len(valid) == 3  # passed, kept, and without an end, until today or tomorrow
    assert set(Document.objects.filter(Document.valid_on(DAY)).values_list("pk", flat=True)) == valid
    submitted = Submission.objects.filter(Document.valid_on(DAY, "document__"))
    assert set(submitted.values_list("document", flat=True)) == valid
