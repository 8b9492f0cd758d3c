"""A delivery as a request: parameters, headers and signature, for the URL of a target or of its fallback."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from portal.outbound.client import OutboundRequest
from projects.webhooks import signing
from projects.webhooks.models import WebhookMethod
from projects.webhooks.sealing import MASK, OwnHeaders

USER_AGENT = "Numbers-Webhooks/1.0"
JSON_TYPE = "application/json"
# As the guide has them (3.3, table 6) and Standard Webhooks; the database keeps no order.
_ORDER = ("request", "source", "destination", "message", "message_id", "received_at", "type", "timestamp", "data")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent, whatever the URL. ``timestamp``: seconds since 1970 of this attempt."""

    webhook_id: str
    method: str
    request_text: str
    payload: Mapping[str, Any]
    own: OwnHeaders
    secrets: Sequence[str]
    timestamp: int

    @property
    def parameters(self) -> dict[str, Any]:
        return ordered(self.request_text, self.payload)


def ordered(request_text: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as they are sent; without ``request_text`` none named ``request``."""
    given = ({"request": request_text} if request_text else {}) | dict(payload)
    return {name: _by_name(given[name]) for name in (*_ORDER, *sorted(given)) if name in given}


def _by_name(value: Any) -> Any:
    return dict(sorted(value.items())) if isinstance(value, dict) else value


def build(parcel: Parcel, url: str) -> OutboundRequest:
    if parcel.method == WebhookMethod.GET:
        url = with_parameters(url, parcel.parameters)
        signed, body, kind = url.partition("?")[2].encode(), b"", {}
    else:
        body = json.dumps(parcel.parameters, ensure_ascii=False).encode()
        signed, kind = body, {"Content-Type": JSON_TYPE}
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": f"{JSON_TYPE}, */*;q=0.5",
        **kind,
        **parcel.own.as_sent(),
        **signing.headers(parcel.secrets, parcel.webhook_id, parcel.timestamp, signed),
    }
    return OutboundRequest(method=parcel.method, url=url, headers=headers, body=body)


def with_parameters(url: str, parameters: Mapping[str, Any]) -> str:
    """Behind those that the URL has already. What is not a text is sent as JSON.

    >>> with_parameters("https://example.com:443/in?key=1", {"source": "+123456789"})
    'https://example.com:443/in?key=1&source=%2B123456789'
    """
    texts = {name: each if isinstance(each, str) else json.dumps(each) for name, each in parameters.items()}
    base, mark, given = url.partition("?")
    return f"{base}?{given}{'&' if mark and given else ''}{urlencode(texts)}"


def masked(request: OutboundRequest, own: OwnHeaders) -> dict[str, str]:
    """The headers for the log: of a customer's own the names only."""
    secret = {name.lower() for name in own.as_sent()}
    return {name: MASK if name.lower() in secret else value for name, value in request.headers.items()}
