"""From an uploaded file to one that may be kept until it is inspected: size and first bytes. It opens nothing."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from numbers.documents import names, remarks
from numbers.documents.inspection import foreign, kinds
from numbers.documents.rejections import DocumentRejected, infected, too_large
from numbers.documents.upload_handler import most_bytes


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    data: bytes  # as it came; nobody but the inspection may open it
    content_type: str
    original_name: str  # harmless
    sha256: str
    remark: str  # what its owner should know; may be empty


def receive(file: UploadedFile) -> ReceivedFile:
    """Raises DocumentRejected with field ``file`` for what is plain at the first look."""
    name, size = file.name or "", file.size or 0
    if size > most_bytes():
        raise too_large(settings.DOCUMENT_MAX_MB)
    file.seek(0)
    data = file.read(most_bytes() + 1)
    if len(data) > most_bytes():
        raise too_large(settings.DOCUMENT_MAX_MB)
    if not data:
        raise DocumentRejected("The file is empty. Choose the file again.", code="document_empty")
    if foreign.EICAR in data:
        raise infected()
    content_type = kinds.kind(data, name[-255:])
    kept, remark = names.clean(name, content_type), ""
    if names.has_wrong_ending(name, content_type):
        remark = remarks.renamed(names.extension(name), kinds.WORDS[content_type], names.extension(kept))
    return ReceivedFile(data, content_type, kept, hashlib.sha256(data).hexdigest(), remark)
