"""A document's entries in the audit trail; its actions are in :mod:`numbers.documents.events`."""

from typing import Any

from numbers.documents.models import Document
from projects import audit
from projects.actor import Actor


def record(document: Document, action: str, by: Actor, **facts: Any) -> None:
    audit.record(
        project_id=document.project_id,
        by=by,
        action=action,
        subject=document.name,
        document=str(document.ref),
        **facts,
    )
