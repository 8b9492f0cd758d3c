"""Nothing clear of a document lies about: no temporary file, no line in the log, no entry in the trail."""

import json
import os
import tempfile

import pytest

from numbers.compliance import uploads
from numbers.documents import preview, storage
from numbers.models import Document
from portal.core.errors import DomainError
from projects.models import AuditEntry
from tests.documents import hostile
from tests.documents.conftest import NOW, stored
from tests.support import files

CANARY = b"A canary that sings 4711"


def with_canary():
    return hostile.content(b"BT /F1 12 Tf (" + CANARY + b") Tj ET")


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where temporary files would go, of this process and of its children."""
    place = tmp_path / "scratch"
    place.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def written(tmp_path):
    return [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("data", [with_canary(), files.jpeg_with(0xFE, CANARY)], ids=["PDF", "JPEG"])
def test_no_file_holds_it(data, upload, folder, scratch, tmp_path, by):
    document = upload(data, "a.pdf" if data.startswith(b"%PDF") else "a.jpg")
    preview.page_png(document, 1)
    assert written(tmp_path) == stored(folder)
    assert not any(CANARY in path.read_bytes() for path in written(tmp_path))
    uploads.withdraw(document=document, by=by, now=NOW)
    assert os.listdir(scratch) == []


@pytest.mark.parametrize("data", [with_canary()[:-30], hostile.protected(user="x", owner="x"), hostile.ELF + CANARY])
def test_a_rejected_one_leaves_no_file(data, upload, scratch, tmp_path):
    with pytest.raises(DomainError):
        upload(data, "a.pdf")
    assert written(tmp_path) == []


def test_neither_trail_nor_row_nor_log_holds_it(upload, caplog):
    caplog.set_level(0)
    document = upload(with_canary(), "Reisepass Ada.pdf", name="Passport")
    with pytest.raises(DomainError):
        upload(with_canary()[:-30], "Reisepass Ada.pdf")
    trail = list(AuditEntry.objects.filter(action__startswith="document."))
    assert [entry.action for entry in trail] == [
        "document.uploaded",
        "document.checked",
        "document.uploaded",
        "document.refused",
    ]
    row = json.dumps(list(Document.objects.values()), default=str)
    lines = [record.getMessage() for record in caplog.records]
    written = "\n".join([*(json.dumps(entry.data) for entry in trail), row, *lines])
    assert CANARY.decode() not in written
    assert not any(document.original_name in json.dumps(entry.data) for entry in trail)
    assert storage.crypto.decrypt(document.wrapped_key).hex() not in row


def test_a_failure_does_not_print_it(folder, upload, caplog, monkeypatch):
    """A trace of a failed write or read names neither content nor key."""
    document = upload(with_canary(), "a.pdf")
    (folder / document.storage_name).write_bytes(b"\x01" + CANARY * 5)
    with pytest.raises(DomainError):
        storage.read(document)
    assert caplog.records
    assert CANARY.decode() not in caplog.text
    assert document.wrapped_key not in caplog.text
