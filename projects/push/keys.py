"""Keys as they are stored and compared. Loads no Django."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives import serialization


def public(holder: Any) -> bytes:
    """The public key of a private key or certificate: SubjectPublicKeyInfo, DER."""
    found: bytes = holder.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return found


def fingerprint(holder: Any) -> str:
    """SHA-256 of the public key, in hex."""
    return hashlib.sha256(public(holder)).hexdigest()


def written(key: Any) -> str:
    """PKCS 8 as PEM without a password: what is stored is encrypted as a whole."""
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return text.decode()
