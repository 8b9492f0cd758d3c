"""Which addresses and names are in the public internet: the one place that says so.

Whatever customers name as a destination (SIP servers, webhooks) is asked about here, because what connects to it stands
in our network. Ranges: the IANA registries of special-purpose addresses (IPv4 and IPv6), which say what is globally
reachable; of IPv6 only 2000::/3 is global unicast at all (RFC 4291, 2.4).
"""

import ipaddress
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address
# Names that never lead out of a network (RFC 6761, 6762, 8375, 9476), and those of clouds and routers for themselves.
_INTERNAL_NAMES = (
    *("localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private"),
    *("home.arpa", "onion", "alt"),
)
_NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # of nobody's network but Azure's own: what its machines ask for their settings
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID and its second version
    )
]
_DOCUMENTATION = [
    ipaddress.ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
]
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
# RFC 6052: an IPv4 address in IPv6. The local-use prefix 64:ff9b:1::/48 (RFC 8215) leads into a network and is refused.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214, 6.1: what stands before the IPv4 address in an interface identifier


def parse_address(text: str) -> Address | None:
    """``text`` as an address in its usual notation, IPv6 with brackets or without; None for anything else.

    A zone (``fe80::1%eth0``) names an interface of this very machine: never an address of somebody else.
    """
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def is_public(address: Address, *, documentation: bool = False) -> bool:
    """Whether ``address``, and each IPv4 address that it carries, is in the public internet.

    ``documentation``: whether the ranges for examples (RFC 5737, 3849, 9637) are let through; they lead nowhere.
    """
    if isinstance(address, IPv6Address) and not any(
        address in network for network in (_GLOBAL_UNICAST, _MAPPED, _NAT64)
    ):
        return False
    refused = _NOT_PUBLIC if documentation else [*_NOT_PUBLIC, *_DOCUMENTATION]
    return not any(each in network for each in _meant(address) for network in refused)


def is_internal_name(host: str) -> bool:
    """Whether ``host`` (small letters, no dot at its end) is a name that does not lead out of a network."""
    return any(host == name or host.endswith(f".{name}") for name in _INTERNAL_NAMES)


def _meant(address: Address) -> list[Address]:
    """The address and the IPv4 addresses that it carries."""
    if isinstance(address, IPv4Address):
        return [address]
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _MAPPED:
        return [last]
    found: list[Address] = [address]
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address in _NAT64 or int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        found.append(last)
    return found
