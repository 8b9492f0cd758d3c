"""Signatures of requests to customers' servers, by Standard Webhooks (https://www.standardwebhooks.com, version 1).

Signed is ``<webhook-id>.<webhook-timestamp>.<payload>``: of a POST its body, of a GET the query string as it is sent.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
KEY_BYTES = 32
ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def sign(secret: str, webhook_id: str, timestamp: int, payload: bytes) -> str:
    """``v1,<base64 of HMAC-SHA256>``; ``timestamp`` in seconds since 1970.

    >>> secret, webhook_id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    >>> sign(secret, webhook_id, 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{webhook_id}.{timestamp}.".encode() + payload
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secrets_: Sequence[str], webhook_id: str, timestamp: int, payload: bytes) -> dict[str, str]:
    """One signature for each secret; a receiver accepts the request if it knows one of them."""
    signatures = " ".join(sign(each, webhook_id, timestamp, payload) for each in secrets_)
    return {ID_HEADER: webhook_id, TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: signatures}
