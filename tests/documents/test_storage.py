"""Encryption at rest, and that nothing is left behind or lost."""

import os
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.files.storage import FileSystemStorage, storages
from django.db import OperationalError

from numbers.compliance import uploads
from numbers.documents import storage
from numbers.models import Document
from portal.core import crypto
from tests.documents.conftest import NOW, stored, undone
from tests.support import files
from tests.support.refusals import refusal, refused


def test_each_file_has_a_key_of_its_own(upload):
    first, second = upload(), upload()
    keys = {crypto.decrypt(document.wrapped_key) for document in (first, second)}
    assert sorted(len(key) for key in keys) == [32, 32]
    assert first.storage_name != second.storage_name


def test_an_old_key_still_opens_what_it_closed(upload, settings):
    data = files.rebuilt_pdf()
    document = upload(data, "a.pdf")
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    assert storage.read(document) == data
    again = upload()
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert storage.read(again)
    refused("document_unreadable", storage.read, document)


def test_a_changed_file_is_not_read(upload, folder):
    document = upload()
    (file,) = stored(folder)
    sealed = bytearray(file.read_bytes())
    sealed[-40] ^= 1
    file.write_bytes(sealed)
    error = refusal(storage.read, document)
    assert (error.code, error.status) == ("document_unreadable", 500)


def test_a_file_put_in_anothers_place_is_not_read(upload, folder):
    """Even with the key of that other one: the name is part of the seal."""
    first, second = upload(), upload()
    (folder / first.storage_name).write_bytes((folder / second.storage_name).read_bytes())
    first.wrapped_key = second.wrapped_key
    refused("document_unreadable", storage.read, first)


def test_a_missing_file_is_reported(upload, folder):
    document = upload()
    (folder / document.storage_name).unlink()
    refused("document_unreadable", storage.read, document)


def test_a_disk_that_takes_nothing_leaves_nothing(upload, folder, monkeypatch):
    def full(self, name, content):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.read()[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    error = refusal(upload)
    assert (error.code, error.status) == ("document_not_stored", 503)
    assert (stored(folder), Document.objects.count()) == ([], 0)


def test_what_the_storage_would_call_otherwise_is_not_kept(upload, folder):
    """Its key opens it under its own name alone."""
    document = upload()
    (folder / storage.page_name(document, 1, storage.WIDTHS[0]) / "in the way").mkdir(parents=True)
    refused("document_not_stored", storage.write_page, document, 1, storage.WIDTHS[0], b"a picture")


def test_a_row_that_cannot_be_written_leaves_no_file(upload, folder, monkeypatch):
    def fails(*args, **kwargs):
        assert len(stored(folder)) == 1  # the file is there before the row
        raise ValueError("a fault of ours")

    monkeypatch.setattr(uploads.trail, "record", fails)
    with pytest.raises(ValueError, match="a fault of ours"):
        upload()
    assert (stored(folder), Document.objects.count()) == ([], 0)


def test_a_connection_lost_at_commit_keeps_the_file_for_the_sweep(upload, folder, monkeypatch):
    """The row may have been committed: a file too many is mended, a file too few is not."""

    def lost(*args, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(uploads.trail, "record", lost)
    with pytest.raises(OperationalError):
        upload()
    assert len(stored(folder)) == 1


def test_a_transaction_around_it_that_is_undone_leaves_an_orphan_for_a_day(upload, folder):
    undone(upload)
    assert len(stored(folder)) == 1
    kept = upload()
    made = NOW.timestamp()
    for file in stored(folder):
        os.utime(file, (made, made))
    assert storage.sweep(now=NOW + timedelta(days=1)) == 0
    assert storage.sweep(now=NOW + timedelta(days=1, seconds=1)) == 1
    assert [file.name for file in stored(folder)] == [kept.storage_name]


def test_the_sweep_of_a_storage_that_does_not_exist_yet(db, folder):
    assert not folder.exists()
    assert storage.sweep(now=NOW) == 0


def test_the_sweep_works_in_batches(upload, folder):
    upload()
    for number in range(7):
        file = folder / f"{number:064x}"
        file.write_bytes(b"orphan")
        os.utime(file, (0, 0))
    assert storage.sweep(now=NOW, batch=3) == 7
    assert len(stored(folder)) == 1


def test_the_sweep_keeps_the_pictures_of_what_is_there_and_takes_the_files_of_what_is_not(upload, folder):
    kept, gone = upload(), upload()
    storage.write_page(kept, 1, storage.WIDTHS[0], b"a picture")
    Document.objects.filter(pk=gone.pk).update(withdrawn_at=NOW)  # and the worker died before it erased the file
    for file in folder.iterdir():
        os.utime(file, (0, 0))
    assert storage.sweep(now=NOW, batch=1) == 1
    assert {file.name for file in folder.iterdir()} == {
        kept.storage_name,
        storage.page_name(kept, 1, storage.WIDTHS[0]),
    }


def test_a_file_and_its_place_are_on_the_disk_before_its_row(folder, monkeypatch):
    flushed, fsync = [], os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: flushed.append(os.readlink(f"/proc/self/fd/{handle}")) or fsync(handle)
    )
    name = storage.write(b"a file").name
    assert flushed == [str(folder / name), str(folder)]


def test_any_storage_will_do(upload, settings):
    """Nothing but Django's storage interface is used; this one has no paths, like a bucket."""
    settings.STORAGES = settings.STORAGES | {"documents": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    data = files.rebuilt_pdf()
    document = upload(data, "a.pdf")
    assert storage.read(document) == data
    assert storages["documents"].listdir("")[1] == [document.storage_name]
    assert storage.sweep(now=NOW) == 0
