"""What a file is, by its content: the right one for its field, or one that people take for it.

Nothing is decoded here but short texts; keys and certificates are opened by :mod:`projects.push.process`. Loads no
Django.
"""

import json
import re
from enum import StrEnum
from typing import Any

from portal.core.errors import INVALID, DomainError

LARGEST = 64 * 1024  # bytes; a key has 1 kB, a certificate with its chain 10
BOM = b"\xef\xbb\xbf"
LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
LEGACY_KEY = re.compile(rb"AAAA[\w-]{1,20}:APA91b[\w-]{20,400}", re.ASCII)
DEVICE_TOKEN = re.compile(rb"[\w-]{10,40}:APA91b[\w-]{20,400}", re.ASCII)
API_KEY = re.compile(rb"AIza[\w-]{30,45}", re.ASCII)
P12 = re.compile(rb"\x30(?:[\x00-\x7f\x80]|\x81.|\x82..|\x83...)\x02\x01\x03", re.DOTALL)  # PFX, version 3: RFC 7292


class Content(StrEnum):
    EMPTY = "empty"
    KEY = "key"  # .p8
    P12 = "p12"
    PEM = "pem"  # certificate and private key
    SERVICE_ACCOUNT = "service_account"
    # What people take for them
    LONE_CERTIFICATE = "lone_certificate"
    LONE_KEY = "lone_key"
    SIGNING_REQUEST = "signing_request"
    PUBLIC_KEY = "public_key"
    PROFILE = "profile"
    APP_CONFIG = "app_config"  # google-services.json
    IOS_CONFIG = "ios_config"  # GoogleService-Info.plist
    LEGACY_KEY = "legacy_key"
    DEVICE_TOKEN = "device_token"  # noqa: S105  not one
    API_KEY = "api_key"
    OTHER_ACCOUNT = "other_account"
    KEYSTORE = "keystore"
    ARCHIVE = "archive"
    DER = "der"  # a certificate, as a rule
    UNKNOWN = "unknown"


def recognise(data: bytes) -> Content:
    text = data.removeprefix(BOM).strip()
    if not text:
        return Content.EMPTY
    if text.startswith(b"{"):
        return _json(text)
    if labels := set(LABEL.findall(text)):
        return _pem(labels)
    if P12.match(data):
        return Content.P12
    if data.startswith(b"\x30"):
        return Content.PROFILE if b"<plist" in data else Content.DER
    if text.startswith((b"<?xml", b"<!DOCTYPE plist", b"<plist", b"bplist00")):
        return Content.IOS_CONFIG if b"GOOGLE_APP_ID" in text else Content.UNKNOWN
    if data.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")):
        return Content.KEYSTORE
    if data.startswith(b"PK\x03\x04"):
        return Content.ARCHIVE
    patterns = {
        LEGACY_KEY: Content.LEGACY_KEY,
        DEVICE_TOKEN: Content.DEVICE_TOKEN,
        API_KEY: Content.API_KEY,
    }
    return next((found for pattern, found in patterns.items() if pattern.fullmatch(text)), Content.UNKNOWN)


def _pem(labels: set[bytes]) -> Content:
    keys = {label for label in labels if label.endswith(b"PRIVATE KEY")}
    if b"CERTIFICATE" in labels:
        return Content.PEM if keys else Content.LONE_CERTIFICATE
    if keys:
        return Content.LONE_KEY if b"RSA PRIVATE KEY" in keys else Content.KEY
    if any(label.endswith(b"CERTIFICATE REQUEST") for label in labels):
        return Content.SIGNING_REQUEST
    return Content.PUBLIC_KEY if any(label.endswith(b"PUBLIC KEY") for label in labels) else Content.UNKNOWN


def _json(text: bytes) -> Content:
    found = as_json(text)
    if found is None:
        return Content.UNKNOWN
    if found.get("type") == "service_account":
        return Content.SERVICE_ACCOUNT
    if "project_info" in found and "client" in found:
        return Content.APP_CONFIG
    if "type" in found or "installed" in found or "web" in found:
        return Content.OTHER_ACCOUNT
    return Content.UNKNOWN


def as_json(data: bytes) -> dict[str, Any] | None:
    """None for what is no JSON object."""
    try:
        found = json.loads(data.removeprefix(BOM))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def refuse_size(data: bytes, size: int) -> None:
    """``size`` as it arrived; of what was far too large there is no data. Raises ``push_file_too_large``,
    ``push_file_empty``."""
    if size > LARGEST:
        message = (
            f"This file has {-(-size // 1024):,} kB. A key or certificate has a few; at most {LARGEST // 1024} kB are "
            "possible. Check that you chose the right file."
        )
        raise CredentialRefused(message, code="push_file_too_large")
    if recognise(data) == Content.EMPTY:
        message = "This file is empty. Choose the file that you downloaded or exported."
        raise CredentialRefused(message, code="push_file_empty")


class CredentialRefused(DomainError):  # noqa: N818  named like the answer
    """What was uploaded or entered will not do; the message says what to do about it. The status is 422."""

    def __init__(self, message: str, *, code: str, field: str = "file") -> None:
        super().__init__(code, message, field=field, status=INVALID)
