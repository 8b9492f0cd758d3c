"""How files come in: into memory, as much as may be uploaded, and with an answer when it is too much."""

import tempfile
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from numbers.documents import upload_handler, validation
from numbers.documents.upload_handler import MEGABYTE, OversizeFile
from portal.core.errors import DomainError
from tests.support import files


def page():
    """Stands for a view of the documents' room."""


upload_handler.receives_documents(page)


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("something of an upload went to the disk")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)


def sent(view=page, **fields):
    request = RequestFactory().post("/", fields)
    request.resolver_match = SimpleNamespace(func=view)
    return request


def test_a_file_is_in_memory_whole():
    data = files.noise((1500, 1000), "PNG")
    assert len(data) > 3 * MEGABYTE
    request = sent(name="Passport", file=SimpleUploadedFile("a.png", data, "image/png"), after="x")
    file = request.FILES["file"]
    assert (file.size, file.name, file.content_type, type(file.file)) == (len(data), "a.png", "image/png", BytesIO)
    assert file.read() == data
    assert request.POST.dict() == {"name": "Passport", "after": "x"}


def test_one_that_is_too_large_is_counted_and_dropped(settings):
    settings.DOCUMENT_MAX_MB = 1
    size = 3 * MEGABYTE
    request = sent(name="Passport", file=SimpleUploadedFile("a.jpg", b"x" * size), after="typed")
    file = request.FILES["file"]
    assert isinstance(file, OversizeFile)
    assert (file.size, file.read()) == (size, b"")
    assert request.POST.dict() == {"name": "Passport", "after": "typed"}  # what was typed is kept


def test_the_service_says_so_beside_the_field(settings):
    settings.DOCUMENT_MAX_MB = 1
    file = sent(file=SimpleUploadedFile("a.jpg", b"x" * 2 * MEGABYTE)).FILES["file"]
    with pytest.raises(DomainError, match="at most 1 MB") as caught:
        validation.receive(file)
    assert (caught.value.code, caught.value.field) == ("document_too_large", "file")


def test_many_files_together_may_not_be_more_than_one(settings):
    settings.DOCUMENT_MAX_MB = 1
    parts = [SimpleUploadedFile(f"{number}.jpg", b"x" * (MEGABYTE // 2)) for number in range(6)]
    kept = [file for file in sent(file=parts).FILES.getlist("file") if not isinstance(file, OversizeFile)]
    assert len(kept) == 2


def test_elsewhere_little_is_received():
    def other():
        """A page that wants no files."""

    assert isinstance(sent(other, file=SimpleUploadedFile("a", b"x" * 2 * MEGABYTE)).FILES["file"], OversizeFile)
    assert sent(other, file=SimpleUploadedFile("a", b"x" * 1000)).FILES["file"].size == 1000
    assert upload_handler.allowance(None) == upload_handler.ELSEWHERE


def test_a_body_beyond_all_measure_is_not_even_read():
    class Body:
        def read(self, *args):
            raise AssertionError("it was read")

    request = RequestFactory().generic("POST", "/", b"x", f"multipart/form-data; boundary={BOUNDARY}")
    request.META["CONTENT_LENGTH"] = str(10**10)
    request._stream, request.resolver_match = Body(), SimpleNamespace(func=page)
    with pytest.raises(RequestDataTooBig):
        request.POST  # noqa: B018


def test_one_that_drips_is_cut_off(monkeypatch):
    monkeypatch.setattr(upload_handler, "SECONDS", -1)
    request = sent(name="kept", file=SimpleUploadedFile("a.jpg", b"x" * 1000))
    assert (request.POST.dict(), len(request.FILES)) == ({"name": "kept"}, 0)


@pytest.mark.django_db
def test_a_page_answers_a_body_beyond_all_measure():
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.jpg", b"x" * 11 * MEGABYTE)})
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")  # without its cookie the body is not looked at
    answer = client.generic("POST", "/accounts/login/", body, MULTIPART_CONTENT)
    assert answer.status_code == 413
    assert "at most 20 MB" in answer.content.decode()


@pytest.mark.django_db
def test_a_page_answers_a_form_with_an_unwanted_file():
    answer = Client().post("/accounts/login/", {"login": "x", "file": SimpleUploadedFile("a", b"x" * 3 * MEGABYTE)})
    assert answer.status_code == 422
