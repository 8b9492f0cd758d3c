"""Orders as a reviewer finds them; the ways there are other tests' business."""

import itertools
from datetime import datetime
from typing import Any

from numbers.compliance import completeness
from numbers.models import Document, DocumentType, Order, OrderRequirement, Submission
from projects.actor import Actor
from projects.models import Project
from tests.support.purchases import order_number

_serial = itertools.count(1)


def in_review(project: Project, e164: str, *, by: Actor, now: datetime) -> Order:
    """An order of which nothing (more) is asked."""
    order = order_number(project, e164, by=by, now=now)
    order.requirements.all().delete()
    completeness.update_completeness(order, now=now)
    order.refresh_from_db()
    return order


def ask(order: Order, title: str, **verdict: Any) -> Submission:
    """One more line, with a document offered for it; ``verdict`` are values of the submission."""
    n = next(_serial)
    kind, _ = DocumentType.objects.get_or_create(code="paper", defaults={"name": "Paper"})
    document = Document.objects.create(
        project=order.project,
        type=kind,
        name=title,
        original_name="paper.pdf",
        storage_name=f"paper-{n}",
        wrapped_key="",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
    )
    line = OrderRequirement.objects.create(order=order, title=title, position=n)
    line.document_types.add(kind)
    return Submission.objects.create(requirement=line, document=document, **verdict)
