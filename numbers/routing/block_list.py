"""Callers who are refused: whole numbers, beginnings of numbers, and callers who hide theirs.

An entry is spelled as it is stored: ``+4915112345678`` (exactly), ``+4915*`` (whatever begins so) or ``anonymous``.
"""

import re

from portal.accounts import phone_numbers
from portal.accounts.telephone import international
from portal.core.errors import DomainError

ANONYMOUS = "anonymous"
FIELD = "caller"
MOST = 500  # entries in a list; each is read with every call
_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}\*")
_PLAIN = re.compile(r"\+[1-9][0-9]{2,14}")
_HIDDEN = {"", ANONYMOUS, "unavailable", "restricted", "private", "unknown", "asserted", "withheld"}


def parse_entry(text: str) -> str:
    """What a person typed, as it is stored. Raises ``invalid_caller`` with the field ``caller``."""
    typed = phone_numbers.clean(text)
    if typed.lower() in (ANONYMOUS, "hidden", "withheld"):
        return ANONYMOUS
    if typed.endswith("*"):
        return _prefix(typed[:-1])
    e164 = phone_numbers.international(typed) if typed.startswith(("+", "00", "011", "tel:")) else None
    if e164 is None:
        raise _invalid(
            "Enter a phone number with + and country code, the beginning of one followed by *, or “anonymous”."
        )
    return e164


def _prefix(typed: str) -> str:
    digits = re.sub(r"[ ().\-/]", "", typed)
    digits = re.sub(r"^(00|011)(?=[1-9])", "+", digits)
    if not _PREFIX.fullmatch(f"{digits}*"):
        raise _invalid("The beginning of a number starts with + and the country code; for example +4915*.")
    return f"{digits}*"


def _invalid(message: str) -> DomainError:
    return DomainError("invalid_caller", message, field=FIELD, status=400)


def with_entry(entries: tuple[str, ...], entry: str) -> tuple[str, ...]:
    return entries if entry in entries else (*entries, entry)


def without_entry(entries: tuple[str, ...], entry: str) -> tuple[str, ...]:
    return tuple(each for each in entries if each != entry)


def caller_of(presented: str) -> str:
    """Who calls, from the ``from`` of a switch: E.164, ``anonymous``, or as it is (a name, an extension)."""
    text = presented.strip()
    text = re.sub(r"^(?:sips?|tel):", "", text, flags=re.IGNORECASE).split("@")[0].split(";")[0].strip()
    if text.lower() in _HIDDEN:
        return ANONYMOUS
    if re.fullmatch(r"[+ ]?[1-9][0-9]{6,14}", text):
        return "+" + text.lstrip("+ ")
    return phone_numbers.international(text[: phone_numbers.LONGEST]) or text[: phone_numbers.LONGEST]


def entries_for(caller: str) -> list[str]:
    """Every entry that would refuse ``caller`` (as of :func:`caller_of`); one of them in a list is enough."""
    if caller == ANONYMOUS:
        return [ANONYMOUS]
    if not _PLAIN.fullmatch(caller):
        return []
    return [caller, *(f"{caller[:length]}*" for length in range(2, len(caller) + 1))]


def matching_entry(caller: str, blocked: tuple[str, ...]) -> str:
    """The entry of ``blocked`` that refuses ``caller``; "" if none does."""
    found = set(blocked)
    return next((entry for entry in entries_for(caller) if entry in found), "")


def spell_entry(entry: str) -> str:
    """For people."""
    if entry == ANONYMOUS:
        return "callers who hide their number"
    if entry.endswith("*"):
        return f"numbers that begin with {entry[:-1]}"
    return international(entry)
