"""Which headers of their own customers may have sent to their servers, and Basic credentials."""

import re

from portal.core.errors import DomainError
from portal.outbound.exchange import RESERVED_HEADERS
from projects.webhooks.sealing import MASK, OwnHeaders

Headers = tuple[tuple[str, str], ...]
MOST, LONGEST_NAME, LONGEST_VALUE = 10, 64, 1000  # headers, characters, characters
HEADERS_FIELD, USER_FIELD, PASSWORD_FIELD = "headers", "basic_user", "basic_password"
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, 5.6.2
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")  # 5.5, ASCII only
# Ours, or those that say how a message is framed and who it goes to.
_RESERVED = RESERVED_HEADERS | {"accept", "content-encoding", "content-type", "user-agent", "via"}
_RESERVED_BEGINNINGS = ("webhook-", "proxy-", "sec-", "x-forwarded-")


def parse(typed: str) -> Headers:
    """``Name: value`` in each line. Raises ``own_header_invalid`` (field ``headers``) that names the line."""
    found = []
    for number, line in enumerate(typed.splitlines(), 1):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise _invalid(f"Line {number}: write a name, a colon and a value, for example X-Token: abc.")
        found.append((name.strip(), value.strip()))
    return tuple(found)


def masked(headers: Headers) -> str:
    """As pages show them: a line for each, without the value."""
    return "\n".join(f"{name}: {MASK}" for name, _ in headers)


def unmasked(typed: Headers, stored: Headers) -> Headers:
    """``typed`` with the stored value wherever the mask came back. Raises ``own_header_invalid``."""
    values = {name.lower(): value for name, value in stored}
    for name, value in typed:
        if MASK in value and (value != MASK or name.lower() not in values):
            raise _invalid(f"Enter the whole value of {name[:LONGEST_NAME]}; no such value is stored.")
    return tuple((name, values[name.lower()] if value == MASK else value) for name, value in typed)


def kept_basic(user: str, password: str, stored: tuple[str, str] | None) -> tuple[str, str] | None:
    """Without a password the stored one of the same user stays; without both there are no credentials."""
    if stored and user == stored[0] and not password:
        return stored
    return (user, password) if user or password else None


def check(own: OwnHeaders) -> None:
    """Raises ``own_header_invalid`` and ``basic_credentials_invalid`` with the field at fault."""
    if len(own.headers) > MOST:
        raise _invalid(f"At most {MOST} headers can be sent.")
    seen = set()
    for name, value in own.headers:
        small = name.lower()
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise _invalid(f"“{name[:40]}” is not a name of a header. Use letters, digits and hyphens.")
        if small in _RESERVED or small.startswith(_RESERVED_BEGINNINGS):
            raise _invalid(f"The header {name} is set by us and cannot be replaced.")
        if small == "authorization" and own.basic:
            raise _invalid("Basic credentials are a header Authorization already: remove one of the two.")
        if small in seen:
            raise _invalid(f"The header {name} stands there twice.")
        if len(value) > LONGEST_VALUE or not _VALUE.fullmatch(value):
            raise _invalid(f"The value of {name} needs 1 to {LONGEST_VALUE} plain characters without accents.")
        seen.add(small)
    if own.basic:
        _check_basic(*own.basic)


def _check_basic(user: str, password: str) -> None:
    if not user or not password:
        field = PASSWORD_FIELD if user else USER_FIELD
        raise _bad_credentials("Enter both a user name and a password, or neither.", field)
    if ":" in user or not user.isprintable() or len(user) > LONGEST_VALUE:
        raise _bad_credentials("A user name has no colon and no control characters.", USER_FIELD)
    if not password.isprintable() or len(password) > LONGEST_VALUE:
        raise _bad_credentials("A password has no control characters.", PASSWORD_FIELD)


def _invalid(message: str) -> DomainError:
    return DomainError("own_header_invalid", message, field=HEADERS_FIELD, status=400)


def _bad_credentials(message: str, field: str) -> DomainError:
    return DomainError("basic_credentials_invalid", message, field=field, status=400)
