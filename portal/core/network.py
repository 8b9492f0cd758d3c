"""Who is calling: the client's address, and the network that a limit counts."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # what one customer of an access provider gets at least; inside it addresses are free


def client_address(request: HttpRequest) -> str:
    """The caller's address: the peer's, or what our own proxies wrote into X-Forwarded-For.

    Only as many entries count as there are proxies (``TRUSTED_PROXIES``); the rest a client can make up. An IPv4
    address that came over an IPv6 socket (``::ffff:192.0.2.1``) is the IPv4 address. "" when there is none, as behind
    a Unix socket.
    """
    hops = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    given = forwarded[-hops] if hops and len(forwarded) >= hops else str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(given)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def network(address: str) -> str:
    """The key of every limit that counts by address: an IPv4 address itself, of an IPv6 address its /64.

    >>> network("192.0.2.7"), network("2001:db8:1:2:3::4")
    ('192.0.2.7', '2001:db8:1:2::/64')

    What is no address stays as it is.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), IPV6_PREFIX), strict=False))
