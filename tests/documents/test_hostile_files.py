"""Whatever strangers send: rejected with a reason that helps, and nothing is left of it."""

import pytest

from numbers.documents import storage
from numbers.documents.inspection import limited
from numbers.models import Document
from portal.core.errors import DomainError
from projects.models import AuditEntry
from tests.documents import dangers, hostile
from tests.documents.conftest import stored
from tests.support import files
from tests.support.refusals import refusal

CORPUS = [case for case in hostile.everything() if case[3] != hostile.CLEANED]
HARMLESS_AFTERWARDS = [case for case in hostile.everything() if case[3] == hostile.CLEANED]
# Plain at the first look; the others are found by the inspection.
AT_ONCE = {"document_type_unknown", "document_extension_wrong", "document_empty", "document_too_large"}


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """One of them works until the processor time is used up; the others need a fraction of a second."""
    monkeypatch.setattr(limited, "SECONDS", 4)


def test_the_corpus_is_large():
    everything = hostile.everything()
    assert len({what for what, *_ in everything}) == len(everything) >= 95
    assert len(CORPUS) >= 75


@pytest.mark.parametrize(("filename", "make", "code"), [case[1:] for case in CORPUS], ids=[case[0] for case in CORPUS])
def test_it_is_rejected_and_nothing_is_left(filename, make, code, upload, folder):
    error = refusal(upload, make(), filename)
    assert (error.code, error.field, error.status) == (code, "file", 422), error.message
    assert len(error.message) > 20
    assert stored(folder) == []
    if code in AT_ONCE or (code == "document_infected" and hostile.EICAR in make()):
        assert Document.objects.count() == 0
        assert not AuditEntry.objects.filter(action__startswith="document").exists()
        return
    row = Document.objects.get()
    assert (row.inspection, row.remark, row.is_there) == ("refused", error.message, False)
    assert (row.wrapped_key, row.original_name, row.sha256, row.upload_key) == ("", "", "", None)
    assert list(
        AuditEntry.objects.filter(action__startswith="document").order_by("id").values_list("action", flat=True)
    ) == ["document.uploaded", "document.refused"]
    assert not row.submissions.exists()


@pytest.mark.parametrize(
    ("filename", "make"), [case[1:3] for case in HARMLESS_AFTERWARDS], ids=[case[0] for case in HARMLESS_AFTERWARDS]
)
def test_it_passes_and_nothing_of_the_harm_comes_along(filename, make, upload):
    clear = storage.read(upload(make(), filename))
    assert dangers.of(clear) == []
    assert not any(sign in clear for sign in (b"evil", b"cmd.exe", b"alert", b"MZ", b"xdp", b"surplus"))


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@pytest.mark.parametrize(
    ("filename", "content", "words"),
    [
        ("a.heic", HEIC, "Most Compatible"),
        ("a.docx", hostile.docx(), "looks like a Word document"),
        ("a.gif", files.saved(files.picture(mode="P"), "GIF"), "looks like a GIF picture"),
        ("a.exe", files.png(), "ends in .exe, as programs and web pages do, but the file is a PNG picture"),
        ("a.pdf", hostile.protected(user="x", owner="x"), "Remove the password"),
        ("a.pdf", b"GIF89a" + files.pdf(), "before the beginning of the PDF"),
    ],
)
def test_the_message_says_what_it_is_about(filename, content, words, upload):
    with pytest.raises(DomainError, match=words):
        upload(content, filename)


def test_the_message_names_the_limit(upload, settings):
    settings.DOCUMENT_MAX_MB = 2
    with pytest.raises(DomainError, match="at most 2 MB"):
        upload(b"%PDF-" + b"0" * 2 * 1024 * 1024)
