"""Where the files are: encrypted, under random names, in the private storage ``documents``.

Each file has a key of its own (AES-256-GCM, bound to the file's name in the storage), kept in its row and itself
encrypted with ``ENCRYPTION_KEYS``. Whoever empties that column has destroyed the file, also in backups of the storage.
Pictures of its pages lie beside it under its name with an ending, and open with the same key.
"""

import logging
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import InterfaceError, OperationalError, transaction

from numbers.documents.models import Document
from portal.core import crypto
from portal.core.errors import DomainError

FORMAT = b"\x01"  # of what follows: nonce (12 bytes), ciphertext with its tag
NONCE = 12
WIDTHS = (1100, 2000)  # pixels; of the pictures of a page
ORPHAN_AGE = timedelta(days=1)  # a file without a row is this old at least before it is swept away
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredFile:
    name: str
    wrapped_key: str


def storage() -> Storage:
    return storages["documents"]


def write(clear: bytes) -> StoredFile:
    """Encrypts and keeps a file; the row that names it comes afterwards. Raises ``document_not_stored`` (503)."""
    name, key = secrets.token_hex(32), AESGCM.generate_key(bit_length=256)
    _encrypt_and_save(name, key, clear)
    return StoredFile(name, crypto.encrypt(key))


@contextmanager
def written(clear: bytes) -> Iterator[StoredFile]:
    """Writes a file for a row that comes to name it, and erases it when none does. Raises as :func:`write`."""
    stored = write(clear)
    try:
        yield stored
    except (OperationalError, InterfaceError):
        raise  # the row may have been committed all the same; the sweep looks tomorrow
    except BaseException:
        erase(stored.name)
        raise


def _encrypt_and_save(name: str, key: bytes, clear: bytes) -> None:
    nonce = os.urandom(NONCE)
    sealed = FORMAT + nonce + AESGCM(key).encrypt(nonce, clear, name.encode())
    try:
        kept = storage().save(name, ContentFile(sealed))
        if kept != name:  # the key would not open it under another name
            raise OSError("the storage renamed the file")
        _flush(name)
    except Exception as error:  # a disk, or any client of a remote storage
        log.exception("documents.write_failed")
        erase(name)
        raise DomainError(
            "document_not_stored",
            "The file could not be stored right now. Please try again in a few minutes.",
            field="file",
            status=503,
        ) from error


def read(document: Document) -> bytes:
    """The clear file. Raises ``document_gone`` (410), ``document_being_checked`` (409) for one that nobody may open
    yet, and ``document_unreadable`` (500) when it cannot be opened."""
    _require_checked(document)
    return read_unchecked(document)


def _require_checked(document: Document) -> None:
    if document.is_being_checked:
        raise DomainError("document_being_checked", "This file is still being checked. Please try again in a minute.")


def read_unchecked(document: Document) -> bytes:
    """What was received, for the inspection alone. Raises as :func:`read`."""
    return _decrypted(document, document.storage_name)


def page_name(document: Document, page: int, width: int) -> str:
    return f"{document.storage_name}.{page}.{width}"


def write_page(document: Document, page: int, width: int, clear: bytes) -> None:
    """Keeps a picture of a page, in place of an earlier one. Raises ``document_not_stored``."""
    name = page_name(document, page, width)
    erase(name)
    _encrypt_and_save(name, crypto.decrypt(document.wrapped_key), clear)


def read_page(document: Document, page: int, width: int) -> bytes | None:
    """The picture of a page; None when there is none yet. Raises as :func:`read`."""
    _require_checked(document)
    name = page_name(document, page, width)
    return _decrypted(document, name, missing_ok=True)


def _decrypted(document: Document, name: str, *, missing_ok: bool = False) -> Any:
    if not document.is_there:
        raise DomainError("document_gone", "This file no longer exists.", status=410)
    try:
        key = crypto.decrypt(document.wrapped_key)
        if missing_ok and not storage().exists(name):
            return None
        with storage().open(name) as file:
            sealed = file.read()
        if sealed[:1] != FORMAT:
            raise ValueError("unknown format")
        return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], name.encode())
    except (OSError, InvalidTag, InvalidToken, ValueError) as error:
        log.exception("documents.unreadable", extra={"document": document.pk})
        raise DomainError(
            "document_unreadable", "This file cannot be opened. Our team has been notified.", status=500
        ) from error


def destroy(document: Document) -> None:
    """Call in the transaction that ends the row's life: forgets the key and what the file was called, and removes the
    file after the commit. A worker that dies in between leaves a file that nothing opens; the sweep removes it."""
    names = [page_name(document, page, width) for page in range(1, document.pages + 1) for width in WIDTHS]
    names.append(document.storage_name)
    document.wrapped_key = document.original_name = document.sha256 = ""
    document.save(update_fields=["wrapped_key", "original_name", "sha256"])
    transaction.on_commit(partial(_erase_all, names), robust=True)


def _erase_all(names: Iterable[str]) -> None:
    for name in names:
        erase(name)


def erase(name: str) -> None:
    """Removes a file from the storage. One that cannot be removed now is left to the sweep."""
    try:
        storage().delete(name)
    except Exception:
        log.exception("documents.erase_failed")


def sweep(*, now: datetime, batch: int = 500) -> int:
    """Removes files that no live document names: left by a transaction that was rolled back, or by a dead worker.

    Returns how many. Fresh ones stay: their row may be about to be committed.
    """
    removed, names = 0, _names()
    while part := [name for _, name in zip(range(batch), names, strict=False)]:
        known = set(
            Document.objects.filter(
                storage_name__in={_stem(name) for name in part}, withdrawn_at=None, purged_at=None
            ).values_list("storage_name", flat=True)
        )
        for name in part:
            if _stem(name) not in known and storage().get_modified_time(name) < now - ORPHAN_AGE:
                erase(name)
                removed += 1
    return removed


def _stem(name: str) -> str:
    """Of a page's picture the name of its document."""
    return name.partition(".")[0]


def _names() -> Iterator[str]:
    try:
        yield from storage().listdir("")[1]
    except FileNotFoundError:
        return  # nothing has been stored yet


def _flush(name: str) -> None:
    """A row that was committed must not name a file that a power cut takes away; remote storages see to that."""
    disk = storage()
    if not isinstance(disk, FileSystemStorage):
        return
    path = disk.path(name)
    for each in (path, os.path.dirname(path)):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
