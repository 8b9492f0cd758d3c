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
    """An order without requirements."""
    order = order_number(project, e164, by=by, now=now)
    order.requirements.all().delete()
    completeness.update_completeness(order, now=now)
    order.refresh_from_db()
    return order


def add_requirement(order: Order, title: str, **verdict: Any) -> Submission:
    """One more requirement, with a document submitted for it; ``verdict`` are values of the submission."""
    n = next(_serial)
    kind, _ = DocumentType.objects.get_or_create(code="letter", defaults={"name": "Letter"})
    document = Document.objects.create(
        project=order.project,
        type=kind,
        name=title,
        original_name="letter.pdf",
        storage_name=f"letter-{n}",
        wrapped_key="",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
    )
    requirement = OrderRequirement.objects.create(order=order, title=title, position=n)
    requirement.document_types.add(kind)
    return Submission.objects.create(requirement=requirement, document=document, **verdict)
