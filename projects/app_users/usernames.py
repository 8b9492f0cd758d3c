"""What a username of an app user may be; the words say which of the usual slips it was."""

import re
import unicodedata

from portal.core.errors import DomainError
from projects.app_users.models import SIGNS, USERNAME, USERNAME_LENGTH

FIELD = "username"
_WELL_FORMED = re.compile(USERNAME)
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789" + SIGNS)
SIGNS_SHOWN = " ".join(SIGNS)


def fold(text: str) -> str:
    """In lower case, as it is stored: letters A to Z only, for no other letter may be in it."""
    if text.isascii():
        return text.lower()
    return "".join(each.lower() if each.isascii() else each for each in text)


def is_username(text: str) -> bool:
    """Whether ``text``, folded, could be one."""
    return len(text) <= USERNAME_LENGTH and _WELL_FORMED.fullmatch(text) is not None


def clean_username(text: str) -> str:
    """Trimmed and folded: the user part of a SIP address (RFC 3261, section 25.1), without escapes and apostrophe.

    Raises ``app_username_missing``, ``app_username_too_long``, ``app_username_invalid`` (field ``username``).
    """
    username = fold(text.strip())
    if not username:
        raise DomainError("app_username_missing", "Enter the App Username/Login ID.", field=FIELD, status=422)
    if len(username) > USERNAME_LENGTH:
        message = f"A username has at most {USERNAME_LENGTH} characters; this one has {len(username)}."
        raise DomainError("app_username_too_long", message, field=FIELD, status=422)
    if not is_username(username):
        raise DomainError("app_username_invalid", _explanation(username), field=FIELD, status=422)
    return username


def _explanation(username: str) -> str:
    part = username.removeprefix("sip:").partition("@")[0]
    if "@" in username:
        return "This is an e-mail address or a SIP address. A username is only the part before the @" + (
            f": {part}" if is_username(part) else "."
        )
    if username != part:
        return "Leave out “sip:”: a username is only the part after it."
    wrong = [each for each in username if each not in _ALLOWED]
    if not wrong:
        return "Use at least one letter or digit."
    if any(each.isspace() for each in wrong):
        return "A username contains no spaces. Join the words with a full stop, a hyphen or an underscore."
    if set(wrong) & {"'", "’", "`", "´"}:
        return "A username contains no apostrophe. Leave it out."
    return f"A username cannot contain {_shown(wrong[0])}. Use the letters a to z, digits and {SIGNS_SHOWN}"


def _shown(character: str) -> str:
    """A character that has no picture of its own is named by its number."""
    if unicodedata.category(character)[0] in "CMZ":
        return f"the invisible character U+{ord(character):04X}"
    return f"“{character}”"
