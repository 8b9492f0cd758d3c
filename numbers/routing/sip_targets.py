"""SIP servers that calls may be sent to: public ones only, because the switch that connects stands in our network."""

import ipaddress
import re
from ipaddress import IPv4Address, IPv6Address

from django.conf import settings

from numbers.routing.models import SipTransport
from numbers.routing.route_settings import SipServer
from portal.core.errors import DomainError

HOST_FIELD, PORT_FIELD, TRANSPORT_FIELD = "sip_host", "sip_port", "sip_transport"
SIP_PORT = 5060  # RFC 3261, 19.1.2: of UDP and TCP
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Names that never lead out of a network (RFC 6761, 6762, 8375, 9476), and those that clouds use for themselves.
_INTERNAL = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "home.arpa",
    "onion",
    "alt",
)
# Not reachable from the internet (IANA special-purpose address registries). Documentation ranges are let through: they
# lead nowhere, and examples are written with them.
_NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/128", "::1/128", "100::/64", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in IPv6


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
    address = _address(text)
    if address is not None:
        if is_internal(str(address)):
            raise _private(f"{address} is not an address in the public internet.")
        return str(address)
    return _name(text)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    if "%" in text:  # an interface of the machine itself
        return None
    try:
        return ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


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
    address = _address(host)
    if address is None:
        return any(host == name or host.endswith(f".{name}") for name in _INTERNAL)
    return any(each in network for each in _meant(address) for network in _NOT_PUBLIC)


def _meant(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address and the IPv4 addresses that it carries."""
    if isinstance(address, IPv4Address):
        return [address]
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or int(address) >> 32 == 0:  # the second: IPv4-compatible, ::127.0.0.1
        carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
    inner = [each for each in carried if each is not None]
    return inner if address.ipv4_mapped else [address, *inner]


def _invalid(message: str, field: str = HOST_FIELD) -> DomainError:
    return DomainError("invalid_sip_server", message, field=field, status=400)


def _private(message: str) -> DomainError:
    return DomainError(
        "sip_target_private",
        f"{message} Enter one that can be reached from the internet.",
        field=HOST_FIELD,
        status=400,
    )
