"""Places in the results of a search from which another page goes on."""

import base64
import binascii
import re

from portal.core.errors import DomainError


def invalid(field: str, message: str) -> DomainError:
    """The error of a search's parameter."""
    return DomainError(f"invalid_{field}", message, field=field, status=400)


def write_cursor(direction: str, e164: str) -> str:
    """The place in the results from which another page goes on; :func:`read_cursor` reads it."""
    return base64.urlsafe_b64encode(f"{direction[0]}{e164[1:]}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, str]:
    """("after" or "before", a number), or ("after", "") for the first page. Raises ``invalid_after``."""
    if not cursor:
        return "after", ""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    if not re.fullmatch(r"[ab][0-9]{6,15}", text):
        raise invalid("after", "This page address is broken. Start from the first page.")
    return ("after" if text[0] == "a" else "before"), f"+{text[1:]}"
