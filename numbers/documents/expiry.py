"""Documents that are about to expire: announced 30, 7 and 1 days before and on expiry, once each.

After days without beat only the nearest announcement is made.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from numbers.documents.models import Document
from portal.jobs.outbox import enqueue

DAYS = (1, 7, 30)
EXPIRED = 0
MAIL = "numbers.document_expiring_mail"


def stage(document: Document, today: date) -> int | None:
    """The nearest announcement that is due: 30, 7 or 1 (days before), 0 (expired), or None."""
    if document.expires_on is None:
        return None
    left = (document.expires_on - today).days
    return EXPIRED if left < 0 else next((days for days in DAYS if left <= days), None)


def announce(documents: QuerySet[Document], *, now: datetime) -> int:
    """Queues the mails that are due about these; returns how many. Harmless twice."""
    today = now.date()
    near = documents.filter(expires_on__lte=today + timedelta(days=max(DAYS))).exclude(announced=EXPIRED)
    return sum(_announce(pk, today) for pk in near.order_by("id").values_list("pk", flat=True))


@transaction.atomic
def _announce(pk: int, today: date) -> bool:
    document = Document.objects.select_for_update().get(pk=pk)
    due = stage(document, today)
    if due is None or (document.announced is not None and document.announced <= due) or not document.is_there:
        return False
    document.announced = due
    document.save(update_fields=["announced"])
    enqueue(MAIL, {"document": pk}, key=f"{MAIL}:{pk}:{due}")
    return True
