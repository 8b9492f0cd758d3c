"""What becomes of files that were uploaded a moment ago: still being checked, passed, or rejected."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from numbers.compliance.upload_message import upload_message
from numbers.console.documents import queries
from numbers.documents import inspection_jobs
from numbers.documents.models import Document
from numbers.orders.models import Order
from portal.jobs.models import Job
from projects.models import Project

LATELY = timedelta(minutes=10)  # for so long the result stands above the page of whoever sent the file
SHOWN = 12
Inspection = Document.Inspection


@dataclass(frozen=True, slots=True)
class Check:
    document: Document
    orders: list[Order]  # that it serves now, with their numbers
    next_try: datetime | None  # of an inspection that could not be made so far

    @property
    def is_pending(self) -> bool:
        return self.document.is_being_checked

    @property
    def is_rejected(self) -> bool:
        return self.document.inspection in (Inspection.REJECTED, Inspection.FAILED)

    @property
    def message(self) -> str:
        """What became of it, once it is known."""
        document = self.document
        if self.is_rejected:
            return document.remark
        return " ".join(part for part in (upload_message(document, self.orders), document.remark) if part)


@dataclass(frozen=True, slots=True)
class Checks:
    lines: list[Check]

    @property
    def pending(self) -> list[Check]:
        return [line for line in self.lines if line.is_pending]

    @property
    def waiting(self) -> str:
        """References of the files that are being checked, as the page sends them with its next question."""
        return ",".join(str(line.document.ref) for line in self.pending)


def checks(project: Project, *, user_id: int | None, now: datetime, watched: Iterable[uuid.UUID] = ()) -> Checks:
    """Files that wait for their inspection, and those of this person, or that the page watches (references), that it
    ended for lately; the newest first. One query, and three more where there are some."""
    waiting = Q(inspection=Inspection.PENDING)
    mine = Q(inspected_at__gte=now - LATELY) & (Q(uploaded_by=user_id) | Q(ref__in=list(watched)))
    found = Document.objects.filter(waiting | mine, project=project, withdrawn_at=None)
    return _checks(list(found.select_related("type").order_by("-id")[:SHOWN]))


def checks_among(newest: Iterable[Document], *, user_id: int | None, now: datetime) -> Checks:
    """The same of documents that were read already (with their types): one query less."""
    return _checks(
        [
            each
            for each in newest
            if each.is_being_checked
            or (
                each.withdrawn_at is None
                and each.uploaded_by_id == user_id
                and each.inspected_at is not None
                and each.inspected_at >= now - LATELY
            )
        ][:SHOWN]
    )


def _checks(rows: list[Document]) -> Checks:
    tries = _next_tries([row for row in rows if row.is_being_checked])
    passed = [row for row in rows if row.has_passed]
    served = queries.orders_by_document(passed) if passed else {}
    return Checks([Check(row, served.get(row.pk, []), tries.get(inspection_jobs.job_key(row))) for row in rows])


def _next_tries(documents: list[Document]) -> dict[str, datetime]:
    """By the job's key, where one attempt or more has failed."""
    if not documents:
        return {}
    failed = Job.objects.filter(key__in=[inspection_jobs.job_key(each) for each in documents]).exclude(last_error="")
    return {str(key): run_at for key, run_at in failed.values_list("key", "run_at")}
