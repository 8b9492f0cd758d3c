"""SIP servers that calls may be sent to: public ones only, because the switch that connects stands in our network."""

import re

from django.conf import settings

from numbers.routing.models import SipTransport
from numbers.routing.route_settings import SipServer
from portal.core.errors import DomainError
from portal.outbound.addresses import is_internal_name, is_public, parse_address

HOST_FIELD, PORT_FIELD, TRANSPORT_FIELD = "sip_host", "sip_port", "sip_transport"
SIP_PORT = 5060  # RFC 3261, 19.1.2: of UDP and TCP
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def parse_server(host: str, port: int | None, transport: str) -> SipServer:
    """What a person typed. Raises ``invalid_sip_server`` and ``sip_target_private`` with the field at fault."""
    if port is None or not 1 <= port <= 65535:
        raise _invalid("A port is a number from 1 to 65535; SIP servers mostly use 5060.", PORT_FIELD)
    if transport not in SipTransport.values:
        raise _invalid("Choose UDP, TCP or TLS.", TRANSPORT_FIELD)
    return SipServer(parse_host(host), port, transport)


def parse_host(typed: str) -> str:
    """An address in its usual form (IPv6 without brackets), or a name in small ASCII letters. Raises as above."""
    text = typed.strip().rstrip(".").lower()
    if text.startswith(("sip:", "sips:", "http:", "https:")) or "/" in text or "@" in text:
        raise _invalid("Enter only the IP address or host name, without sip: and without a user name.")
    address = parse_address(text)
    if address is not None:
        if is_internal(str(address)):
            raise _private(f"{address} is not an address in the public internet.")
        return str(address)
    return _name(text)


def _name(text: str) -> str:
    if ":" in text:
        raise _invalid("Enter the port in its own field.")
    try:
        name = text.encode("idna").decode() if not text.isascii() else text
    except UnicodeError:
        raise _invalid("This is not a host name.") from None
    labels = name.split(".")
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise _invalid("Enter an IP address such as 203.0.113.9 or a host name such as sip.example.com.")
    if is_internal(name):
        raise _private(f"{name} is not a name in the public internet.")
    if len(labels) < 2:
        raise _invalid("Enter the whole host name, for example sip.example.com.")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        # 127.1, 0x7f000001, 0177.0.0.1: resolvers read these as addresses (WHATWG URL, "ends in a number").
        raise _invalid("Write an IP address as four numbers from 0 to 255, for example 203.0.113.9.")
    return name


def is_internal(host: str) -> bool:
    """Whether a stored ``host`` must not be called now; False for any while ``SIP_PRIVATE_TARGETS`` is on."""
    if settings.SIP_PRIVATE_TARGETS:
        return False
    address = parse_address(host)
    if address is None:
        return is_internal_name(host)
    return not is_public(address, documentation=True)  # examples are written with them, and they lead nowhere


def _invalid(message: str, field: str = HOST_FIELD) -> DomainError:
    return DomainError("invalid_sip_server", message, field=field, status=400)


def _private(message: str) -> DomainError:
    return DomainError(
        "sip_target_private",
        f"{message} Enter one that can be reached from the internet.",
        field=HOST_FIELD,
        status=400,
    )
