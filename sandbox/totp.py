"""The demo's authenticator app: the six digits that belong to a secret now (RFC 6238)."""

import base64
import hashlib
import hmac
import time

STEP_SECONDS = 30


def code(secret: str, at: float | None = None) -> str:
    """``secret`` in base32, as the portal shows it under the QR code."""
    step = int((time.time() if at is None else at) // STEP_SECONDS)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0xF
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"
