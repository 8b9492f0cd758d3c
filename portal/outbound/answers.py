"""What is sent to a customer's server, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Failure(StrEnum):
    """Why there is no whole answer."""

    DNS = "dns"
    PRIVATE = "private_address"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    PROTOCOL = "protocol"
    ABORTED = "aborted"  # by us: the courier ended first; says nothing about the customer's server


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """``url`` as :func:`portal.outbound.urls.parse_url` gives it, with any query; it is sent byte for byte.

    ``headers`` may hold none of :data:`portal.outbound.exchange.RESERVED_HEADERS`.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back within the limits; with a ``failure``, as much as there was until then.

    ``detail``: the failure in plain English for customers, "" without one. ``headers`` have names in small letters;
    values of a repeated one are joined by ", ". ``address``: the one that was connected to, "" when none was.
    """

    failure: Failure | None
    detail: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    address: str = ""
