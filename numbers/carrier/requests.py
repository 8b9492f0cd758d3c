"""What the calls of machines have in common: who they are, and their body."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from numbers.carrier import credentials
from numbers.carrier.credentials import AcceptedSecret, PresentedCredential
from portal.core.errors import DomainError
from portal.core.rate_limit import client_address


def switch_of(request: HttpRequest, scope: str, now: datetime, *, secret: str = "") -> AcceptedSecret:
    """Whoever sent it, if it may do ``scope``. ``secret``: of one that cannot send headers and has it in its address.

    Raises UnauthorizedError, ``scope_missing`` and ``address_not_allowed`` (403).
    """
    presented = (
        PresentedCredential(credentials.digest(secret), None)
        if secret
        else credentials.parse_authorization(request.headers.get("Authorization", ""))
    )
    found = credentials.find(presented, now)
    return credentials.authorize(found, presented, scope=scope, address=client_address(request), now=now)


def body_of(request: HttpRequest) -> bytes:
    """Also one that is sent in chunks: without its length Django would take it for empty, and the sender would be told
    never to send it again."""
    if request.META.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" not in request.META:
        return request.body
    body: bytes = request.META["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig
    return body


def json_of(body: bytes) -> Any:
    """Numbers stay the text that they are. NaN, and what is no UTF-8, spoils what it stands in, not all the rest.

    Raises ``not_json`` (400).
    """
    try:
        text = body.decode("utf-8-sig", "replace")
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise DomainError("not_json", "The body is not JSON.", status=400) from None


def text_field(envelope: dict[str, Any], name: str) -> str:
    """Of what :func:`json_of` gives (numbers are texts there); "" when it is absent. Raises ``bad_envelope`` (400)."""
    found = envelope.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise DomainError("bad_envelope", f"{name} is a text.", status=400)
    return found
