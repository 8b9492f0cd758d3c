"""Receives the files of requests: in memory, never on a disk, and no more of them than may be uploaded.

Django reads a form's body before any view sees it (for the CSRF token), so the limit must hold here. What is too large
is counted and dropped while it arrives; the form then says so like any other mistake.
"""

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse

from portal.core.pages import annotate

MEGABYTE = 1024 * 1024
ELSEWHERE = MEGABYTE  # bytes of files in a form that is not made for them
SLACK = MEGABYTE // 4  # a file just above the limit is distinguished from one that is far beyond
# Up to so many times the limit a body is read to its end, so that the browser gets its answer; beyond, it is cut off.
PATIENCE = 5
SECONDS = 120  # that a body may take to arrive


View = TypeVar("View", bound=Callable[..., HttpResponse])


class OversizeFile(UploadedFile):
    """Stands for a file that was not kept. ``size`` is what arrived; there is nothing to read."""

    def __init__(self, name: str, size: int, content_type: str) -> None:
        super().__init__(BytesIO(), name, content_type, size)


def most_bytes() -> int:
    """Of a document."""
    return settings.DOCUMENT_MAX_MB * MEGABYTE


def receives_documents(view: View) -> View:
    """A view whose form may bring a document; Django reads the body before it calls the view."""
    return annotate(view, receives_documents=True)


def allowance(request: HttpRequest | None) -> int:
    """Bytes of files that a request may bring: a document where documents are received, little elsewhere."""
    match = getattr(request, "resolver_match", None)
    receives = match is not None and getattr(match.func, "receives_documents", False)
    return most_bytes() + SLACK if receives else ELSEWHERE


class MemoryUploadHandler(FileUploadHandler):
    """The only one in ``FILE_UPLOAD_HANDLERS``; there is one for each request."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.left = 0  # bytes that this request may still bring
        self.size = 0
        self.kept: BytesIO | None = None

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803
        self.left = allowance(self.request)
        self.ends = time.monotonic() + SECONDS
        if content_length > PATIENCE * max(self.left, 2 * ELSEWHERE):
            raise RequestDataTooBig("The body is far larger than any file that is accepted here.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.size, self.kept = 0, BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if time.monotonic() > self.ends:
            raise StopUpload(connection_reset=True)
        self.size += len(raw_data)
        self.left -= len(raw_data)
        if self.left < 0:
            self.kept = None
        if self.kept is not None:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        name, content_type = self.file_name or "", self.content_type or ""
        if self.kept is None:
            return OversizeFile(name, self.size, content_type)
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, name, content_type, self.size, self.charset, self.content_type_extra
        )
