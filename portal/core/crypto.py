"""Encryption and keyed hashes at rest with ``settings.ENCRYPTION_KEYS``: newest first, older ones work."""

import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def fernet() -> MultiFernet:
    return _fernet(tuple(settings.ENCRYPTION_KEYS))


def encrypt(clear: bytes) -> str:
    return fernet().encrypt(clear).decode()


def decrypt(ciphertext: str) -> bytes:
    """Raises ``cryptography.fernet.InvalidToken`` when none of the keys made it."""
    return fernet().decrypt(ciphertext.encode())


def keyed_hashes(purpose: str, value: str) -> list[str]:
    """HMAC-SHA256 in hex, one per key: store the first, look for any of them."""
    message = f"{purpose}\0{value}".encode()
    return [hmac.new(key.encode(), message, hashlib.sha256).hexdigest() for key in settings.ENCRYPTION_KEYS]
