"""A customer's own headers and Basic credentials: encrypted at rest, read only by what sends."""

import base64
import json
from dataclasses import dataclass, field

from portal.core import crypto

MASK = "••••••••"


@dataclass(frozen=True, slots=True)
class OwnHeaders:
    """``basic``: user and password. Compared by value: the same again changes nothing."""

    headers: tuple[tuple[str, str], ...] = ()
    basic: tuple[str, str] | None = field(default=None)

    def as_sent(self) -> dict[str, str]:
        sent = dict(self.headers)
        if self.basic:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(self.basic).encode()).decode()
        return sent


NONE = OwnHeaders()


def seal(own: OwnHeaders) -> str:
    if own == NONE:
        return ""
    return crypto.encrypt(json.dumps({"headers": own.headers, "basic": own.basic}).encode())


def unseal(sealed: str) -> OwnHeaders:
    """Raises ``cryptography.fernet.InvalidToken`` when none of the keys made it."""
    if not sealed:
        return NONE
    found = json.loads(crypto.decrypt(sealed))
    return OwnHeaders(tuple((name, value) for name, value in found["headers"]), tuple(found["basic"] or ()) or None)
