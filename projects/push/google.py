"""Opens the JSON file of a Google service account. Loads no Django.

Its fields: "Create credentials for a service account", cloud.google.com/iam.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.core.errors import DomainError
from projects.push import keys
from projects.push.files import CredentialRefused, as_json

PROJECT = re.compile(r"(?:[a-z0-9.-]{1,60}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")  # older ones begin with their domain
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}@[a-z0-9.-]{1,120}\.gserviceaccount\.com")
KEY_ID = re.compile(r"[0-9a-f]{40}")
LEAST_BITS = 2048
TOKEN_HOST = "googleapis.com"  # noqa: S105  a host
AGAIN = "Generate a new private key in the Firebase console and upload the file unchanged."


def read(data: bytes) -> dict[str, Any]:
    """Raises ``push_service_account_invalid``."""
    found = as_json(data)
    if found is None:
        raise _invalid("The file")
    project, account, secret = (_text(found, name) for name in ("project_id", "client_email", "private_key"))
    if not PROJECT.fullmatch(project):
        raise _invalid("“project_id”")
    if not ACCOUNT.fullmatch(account):
        raise _invalid("“client_email”")
    token_uri = _text(found, "token_uri")
    if not _is_googles(token_uri):
        message = f"“token_uri” in this file is not an https address of {TOKEN_HOST}, so it is not Google’s. {AGAIN}"
        raise CredentialRefused(message, code="push_service_account_invalid")
    key_id = str(found.get("private_key_id") or "")
    key = _key(secret)
    return {
        "project_name": project,
        "account": account,
        "key_id": key_id if KEY_ID.fullmatch(key_id) else "",
        "token_uri": token_uri,
        "private_key": keys.written(key),
        "fingerprint": keys.fingerprint(key),
    }


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value.strip():
        message = f"“{name}” is missing in this file. {AGAIN}"
        raise CredentialRefused(message, code="push_service_account_invalid")
    return value.strip()


def _is_googles(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    ours = host == TOKEN_HOST or host.endswith(f".{TOKEN_HOST}")
    return parts.scheme == "https" and ours and port in (None, 443) and not parts.username and address.isascii()


def _key(text: str) -> rsa.RSAPrivateKey:
    if "\n" not in text:  # copied out of a setting, where line ends are written as \n
        text = text.replace("\\n", "\n")
    try:
        key = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _invalid("“private_key”") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise _invalid("“private_key”")
    return key


def _invalid(what: str) -> DomainError:
    message = f"{what} is not what Google writes into the file of a service account. {AGAIN}"
    return CredentialRefused(message, code="push_service_account_invalid")
