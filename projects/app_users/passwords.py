"""SIP passwords of app users: made here, or brought along in an import."""

import re
import secrets

from portal.core import crypto
from portal.core.errors import DomainError

# As in Project IDs: no look-alikes, one case, because people type it on a phone.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP_LENGTH = 4, 5
SHORTEST, LONGEST, FEWEST_DIFFERENT = 12, 64, 6
_PRINTABLE = re.compile(r"[!-~]+")


def new_password() -> str:
    """Four groups of five, 99 random bits: who records a registration must not be able to try them all."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def clean_password(text: str, username: str) -> str:
    """One that a customer has already. Characters of ASCII only: telephones do not agree on how others are hashed.

    Raises ``app_password_invalid`` (field ``password``).
    """
    if not _PRINTABLE.fullmatch(text):
        raise _refusal("A password has letters without accents, digits and signs, and no spaces.")
    if not SHORTEST <= len(text) <= LONGEST:
        raise _refusal(f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(text)}.")
    if len(set(text)) < FEWEST_DIFFERENT:
        raise _refusal(f"This password is too easy to guess: use at least {FEWEST_DIFFERENT} different characters.")
    if len(username) >= GROUP_LENGTH and username in text.lower():
        raise _refusal("This password is too easy to guess: it contains the username.")
    return text


def _refusal(message: str) -> DomainError:
    return DomainError("app_password_invalid", message, field="password", status=422)


def encrypted(password: str) -> str:
    return crypto.encrypt(password.encode())


def decrypted(ciphertext: str) -> str:
    """Raises ``cryptography.fernet.InvalidToken`` when none of our keys made it."""
    return crypto.decrypt(ciphertext).decode()
