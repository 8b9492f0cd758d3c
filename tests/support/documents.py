"""Uploaded documents."""

import itertools
from typing import Any

from numbers.models import Document, DocumentType
from projects.models import Project
from tests.support.regulations import make_document_type

_serial = itertools.count(1)


def make_document(project: Project, type: DocumentType | str = "address_proof", **extra: Any) -> Document:
    """The row of an uploaded document, without its file. ``type`` is a document type or its code."""
    n = next(_serial)
    values = {
        "name": f"Document {n}",
        "original_name": f"document-{n}.pdf",
        "storage_name": f"test/{n}",
        "wrapped_key": "x",
        "content_type": "application/pdf",
        "size": 1000,
        "sha256": f"{n:064x}",
        "uploaded_by": project.created_by,
    } | extra
    return Document.objects.create(
        project=project, type=make_document_type(type) if isinstance(type, str) else type, **values
    )
