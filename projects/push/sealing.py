"""The secret part of a credential: encrypted at rest, read only by what sends pushes.

Of an APNs key ``private_key``; of a certificate ``private_key`` and ``certificate``; of a service account
``private_key`` and ``token_uri``. Keys are PKCS 8, certificates X.509, both as PEM. Passwords are not kept.
"""

import json
from typing import Any

from portal.core import crypto
from projects.push.models import PushCredential

PARTS = ("private_key", "certificate", "token_uri")


def seal(facts: dict[str, Any]) -> str:
    return crypto.encrypt(json.dumps({name: facts[name] for name in PARTS if name in facts}).encode())


def unseal(credential: PushCredential) -> dict[str, str]:
    """Raises ``cryptography.fernet.InvalidToken`` when none of the keys made it."""
    found: dict[str, str] = json.loads(crypto.decrypt(credential.sealed))
    return found
