"""Opens what Apple gives out: the key of a .p8 file; certificate and private key of a .p12 or .pem file.

Says what is in it; whether that will do is for :mod:`projects.push.rules`. Loads no Django.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtensionOID, NameOID

from portal.core.errors import DomainError
from projects.push import keys, wrong_files
from projects.push.files import BOM, Content, CredentialRefused

BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----.*?-----END \1-----", re.DOTALL)
MOST_BLOCKS = 20  # a chain has four certificates
# Apple's certification practice statement for its Worldwide Developer Relations certificates; what APNs reads:
# "Establishing a certificate-based connection to APNs", developer.apple.com.
TOPICS = x509.ObjectIdentifier("1.2.840.113635.100.6.3.6")
CannotOpen = (ValueError, TypeError, UnsupportedAlgorithm)


def read(data: bytes, content: str, password: str) -> dict[str, Any]:
    """What is in the file. Raises ``push_file_damaged``, ``push_wrong_file``, ``push_key_unsuitable``,
    ``push_key_mismatch``; ``push_password_missing`` and ``push_password_wrong`` (field ``password``)."""
    if content == Content.KEY:
        return _key(data)
    if content == Content.DER:
        raise wrong_files.lone_certificate() if _is_certificate(data) else wrong_files.unknown_for_ios()
    private, certificates = _p12(data, password) if content == Content.P12 else _pem(data, password)
    if not private:
        raise wrong_files.lone_certificate()
    if not certificates:
        raise wrong_files.no_certificate()
    pairs = [(key, each) for each in certificates for key in private if keys.public(key) == keys.public(each)]
    if not pairs:
        message = (
            "The private key does not belong to the certificate in this file. Export the certificate together with "
            "the private key that is shown under it in Keychain Access."
        )
        raise CredentialRefused(message, code="push_key_mismatch")
    return _certificate(*pairs[0])


def damaged() -> DomainError:
    message = "This file is damaged or incomplete. Download or export it again, and upload it unchanged."
    return CredentialRefused(message, code="push_file_damaged")


# -- a .p8 file --------------------------------------------------------------------------------------------------------


def _key(data: bytes) -> dict[str, Any]:
    try:
        key = serialization.load_pem_private_key(data.removeprefix(BOM), None)
    except TypeError:  # it wants a password
        message = "This key is protected with a password. Upload the .p8 file as Apple gave it to you."
        raise CredentialRefused(message, code="push_key_unsuitable") from None
    except CannotOpen:
        raise damaged() from None
    if not (isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)):
        message = (
            "This is a private key, but not one for Apple’s push service (EC P-256). Create a key with “Apple Push "
            "Notifications service (APNs)” switched on, and upload its .p8 file."
        )
        raise CredentialRefused(message, code="push_key_unsuitable")
    return {"private_key": keys.written(key), "fingerprint": keys.fingerprint(key)}


# -- certificate and key -----------------------------------------------------------------------------------------------


def _p12(data: bytes, password: str) -> tuple[list[Any], list[x509.Certificate]]:
    found = None
    for attempt in _attempts(password):
        try:
            found = pkcs12.load_pkcs12(data, attempt)
            break
        except ValueError as error:
            if "password" not in str(error):
                raise damaged() from None
        except UnsupportedAlgorithm:
            raise damaged() from None
    if found is None:
        raise _password(password)
    certificates = [each.certificate for each in (found.cert, *found.additional_certs) if each is not None]
    return ([found.key] if found.key else []), certificates[:MOST_BLOCKS]


def _pem(data: bytes, password: str) -> tuple[list[Any], list[x509.Certificate]]:
    private: list[Any] = []
    certificates: list[x509.Certificate] = []
    for number, block in enumerate(BLOCK.finditer(data)):
        if number >= MOST_BLOCKS:
            break
        label, text = block[1], block[0]
        if label == b"CERTIFICATE":
            try:
                certificates.append(x509.load_pem_x509_certificate(text))
            except ValueError:
                raise damaged() from None
        elif label.endswith(b"PRIVATE KEY"):
            private.append(_pem_key(text, password))
    if not private and not certificates:  # a beginning without an end
        raise damaged()
    return private, certificates


def _pem_key(text: bytes, password: str) -> Any:
    encrypted = b"ENCRYPTED" in text
    if encrypted and not password:
        raise _password(password)
    try:
        return serialization.load_pem_private_key(text, password.encode() if encrypted else None)
    except CannotOpen:
        raise (_password(password) if encrypted else damaged()) from None


def _attempts(password: str) -> Iterator[bytes | None]:
    """One that is not needed does no harm."""
    if password:
        yield password.encode()
    yield None


def _password(given: str) -> DomainError:
    if given:
        message = "The password does not open this file. Enter the password that was set when it was exported."
        return CredentialRefused(message, code="push_password_wrong", field="password")
    message = "This file is protected with a password. Enter the one that was set when it was exported."
    return CredentialRefused(message, code="push_password_missing", field="password")


def _is_certificate(data: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(data)
    except ValueError:
        return False
    return True


def _certificate(key: Any, certificate: x509.Certificate) -> dict[str, Any]:
    try:
        subject, extensions = certificate.subject, certificate.extensions
        facts = {
            "uids": _values(subject, NameOID.USER_ID),
            "names": _values(subject, NameOID.COMMON_NAME),
            "units": _values(subject, NameOID.ORGANIZATIONAL_UNIT_NAME),
            "not_before": certificate.not_valid_before_utc.isoformat(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "extensions": [each.oid.dotted_string for each in extensions],
            "usages": _usages(extensions),
            "topics": _topics(extensions),
        }
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    except CannotOpen:
        raise damaged() from None
    bits = key.key_size if isinstance(key, rsa.RSAPrivateKey) else 0
    digest = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
    return facts | {"rsa_bits": bits, "fingerprint": digest, "certificate": pem, "private_key": keys.written(key)}


def _values(name: x509.Name, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(each.value) for each in name.get_attributes_for_oid(oid)][:MOST_BLOCKS]


def _usages(extensions: x509.Extensions) -> list[str]:
    try:
        found = extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE)
    except x509.ExtensionNotFound:
        return []
    return [each.dotted_string for each in found.value if isinstance(each, x509.ObjectIdentifier)]  # type: ignore[attr-defined]


def _topics(extensions: x509.Extensions) -> list[str]:
    """SEQUENCE of a topic (UTF8String) and its kinds (SEQUENCE) in turn; [] when there is no such list."""
    try:
        value = extensions.get_extension_for_oid(TOPICS).value
    except x509.ExtensionNotFound:
        return []
    der = value.value if isinstance(value, x509.UnrecognizedExtension) else b""
    try:
        inside = next(content for tag, content in elements(der) if tag == 0x30)
        return [content.decode() for tag, content in elements(inside) if tag == 0x0C]
    except (StopIteration, ValueError):
        return []


def elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each DER value in a row. Raises ValueError."""
    at = 0
    while at < len(der):
        header = der[at : at + 2]
        if len(header) < 2:
            raise ValueError("A value has no length.")
        tag, length, at = header[0], header[1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size], "big"), at + size
        if at + length > len(der):
            raise ValueError("A value ends behind the data.")
        yield tag, der[at : at + length]
        at += length
