"""From an uploaded file to one that may be kept: limits, inspection, virus scanner. Stores nothing."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from numbers.documents import names, scanner
from numbers.documents.inspection import limited
from numbers.documents.receiving import most_bytes
from numbers.documents.refusals import DocumentRefused, too_large


@dataclass(frozen=True, slots=True)
class Received:
    data: bytes  # to be kept: a PDF as it came, a picture written anew
    content_type: str
    pages: int
    original_name: str  # harmless
    sha256: str  # of what was uploaded


def take(file: UploadedFile) -> Received:
    """Raises DocumentRefused with field ``file``; ``document_check_unavailable`` (503) when it cannot be checked."""
    name, size = file.name or "", file.size or 0
    if size > most_bytes():
        raise too_large(settings.DOCUMENT_MAX_MB)
    file.seek(0)
    data = file.read(most_bytes() + 1)
    if len(data) > most_bytes():
        raise too_large(settings.DOCUMENT_MAX_MB)
    if not data:
        raise DocumentRefused("The file is empty. Choose the file again.", code="document_empty")
    outcome = limited.run("inspect", data, name=name[-255:])
    scanner.check(data)
    content_type = outcome.facts["content_type"]
    return Received(
        outcome.data, content_type, int(outcome.facts["pages"]), names.clean(name, content_type),
        hashlib.sha256(data).hexdigest(),
    )
