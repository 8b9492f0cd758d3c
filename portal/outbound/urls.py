"""URLs of customers' servers as they type them, brought into one form: scheme, host name, port, path, query.

The result is ASCII, says the port, and is the same when it is read again. It is sent as it stands, byte for byte,
because signatures cover the query. Where the name leads is asked when it is used (:mod:`portal.outbound.client`).
"""

import re
import unicodedata
from contextlib import suppress
from urllib.parse import quote

import idna
from django.conf import settings

from portal.core.errors import DomainError
from portal.outbound.addresses import is_internal_name, parse_address

LONGEST = 2000  # characters
EXAMPLE = "https://example.com:443/incomingsms"
_LONGEST_NAME = 253  # RFC 1035, without the dot at its end
_PORTS = {"https": 443, "http": 80}
_URL = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[^]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_PORT_AT_THE_END = re.compile(r"(.*):([0-9]{1,5})")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# RFC 3986, 3.3 and 3.4: what stands in a path as it is, besides letters, digits and -._~; a query may have "?", too.
_IN_PATH = "/:@!$&'()*+,;=%"
# Control, invisible and private characters, halves of a character, blanks of any kind.
_REFUSED_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Cn", "Zs", "Zl", "Zp"}
# Where mail, shells and other services listen that would read a request as theirs (Fetch Standard, "port blocking").
_OTHER_SERVICES = frozenset(
    (
        *(
            7,
            9,
            11,
            13,
            15,
            17,
            19,
            20,
            21,
            22,
            23,
            25,
            37,
            43,
            53,
            69,
            79,
            109,
            110,
            111,
            113,
            119,
            123,
            135,
            137,
            139,
        ),
        *(143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636),
        *(989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669),
        *(6697, 10080),
    )
)


def parse_url(typed: str, *, field: str = "url") -> str:
    """What a person typed, as ``scheme://host:port/path?query``.

    The port may also stand at the end of the path, as in the guide's ``https://example.com/incomingsms:443``. Raises
    ``invalid_webhook_url`` and ``webhook_url_private`` for ``field``; where only the port is missing, ``suggestion`` of
    the error is the URL with the usual port.
    """
    try:
        return _parsed(typed.strip())
    except DomainError as refused:
        refused.field = field
        raise


def _parsed(text: str) -> str:
    match = _URL.fullmatch(_checked(text))
    if match is None:
        raise _invalid(f"Enter a whole URL that begins with https:// or http://, for example {EXAMPLE}.")
    scheme, authority, path, query, fragment = match.groups()
    if fragment is not None:
        raise _invalid("Leave out # and what follows it: servers never see that part of a URL.")
    typed_host, port = _split(authority)
    if not port and (at_the_end := _PORT_AT_THE_END.fullmatch(path)):
        path, port = at_the_end.groups()
    scheme, host = scheme.lower(), _host(typed_host)
    tail = _encoded(path or "/", _IN_PATH) + (f"?{_encoded(query, _IN_PATH + '?')}" if query else "")
    if not port:
        suggestion = f"{scheme}://{host}:{_PORTS[scheme]}{tail}"
        raise _invalid(f"The URL needs a port. Did you mean {suggestion}?", suggestion=suggestion)
    url = f"{scheme}://{host}:{_port(port)}{tail}"
    if len(url) > LONGEST:
        raise _invalid(f"The URL is longer than {LONGEST} characters.")
    return url


def _checked(text: str) -> str:
    if not text:
        raise _invalid(f"Enter the URL of your server, for example {EXAMPLE}.")
    if len(text) > LONGEST:
        raise _invalid(f"The URL is longer than {LONGEST} characters.")
    if "\\" in text:
        raise _invalid("A URL has no backslashes; write / instead.")
    if any(unicodedata.category(each) in _REFUSED_CATEGORIES for each in text):
        raise _invalid("A URL has no spaces, line breaks or invisible characters; write a space as %20.")
    return text


def _split(authority: str) -> tuple[str, str]:
    """Host and port ("" when there is none)."""
    if "@" in authority:
        raise _invalid("Leave out user name and password: there are fields of their own for Basic credentials.")
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise _invalid(f"Enter one host name and one port after ://, for example {EXAMPLE}.")
    return match[1], match[2] or ""


def _port(digits: str) -> int:
    port = int(digits) if len(digits) <= 5 else 0
    if not 1 <= port <= 65535:
        raise _invalid("A port is a number from 1 to 65535; 443 is usual for https, 80 for http.")
    if port in _OTHER_SERVICES:
        raise _invalid(f"Port {port} belongs to another service than the web; 443 is usual for https, 80 for http.")
    return port


def _host(typed: str) -> str:
    """In small ASCII letters, without a dot at its end."""
    bracketed = typed.startswith("[")
    if not typed:
        raise _invalid(f"The host name is missing; a URL looks like {EXAMPLE}.")
    name = typed.lower() if bracketed else _ascii(typed).removesuffix(".")
    address = parse_address(name)
    if address is not None and settings.WEBHOOK_PRIVATE_TARGETS:
        return f"[{address}]" if ":" in str(address) else str(address)
    labels = name.split(".")
    if bracketed or _NUMBER.fullmatch(labels[-1]):
        # 127.1, 0x7f000001, 0177.0.0.1: resolvers read these as addresses (WHATWG URL, "ends in a number").
        raise _invalid("Enter a host name such as example.com, not an IP address.")
    if len(name) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise _invalid(f"This is not a host name; a URL looks like {EXAMPLE}.")
    if settings.WEBHOOK_PRIVATE_TARGETS:
        return name
    if is_internal_name(name):
        raise _private(f"{name} is not a name in the public internet. Enter one that can be reached from there.")
    if len(labels) < 2:
        raise _invalid("Enter the whole host name, for example hooks.example.com.")
    return name


def _ascii(host: str) -> str:
    """As browsers read it: other letters as Punycode, fullwidth ones as plain ones (UTS 46, non-transitional)."""
    with suppress(UnicodeError):
        if len(host) <= _LONGEST_NAME + 1:
            return host.lower() if host.isascii() else idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
    raise _invalid(f"This is not a host name; a URL looks like {EXAMPLE}.")


def _encoded(text: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", text), safe=safe)


def _invalid(message: str, **facts: str) -> DomainError:
    return DomainError("invalid_webhook_url", message, status=400, **facts)


def _private(message: str) -> DomainError:
    return DomainError("webhook_url_private", message, status=400)
