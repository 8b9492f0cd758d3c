"""A password is the same however its characters were encoded: composed, decomposed, full-width. One form (NFKC) is
stored and compared; hashes from before, made of what was typed, are tried too."""

import unicodedata

from django.contrib.auth.hashers import check_password, make_password

LONGEST = 1024


def one_form(typed: str) -> str:
    """NFKC. What is longer than any password stays as it is: it fits none."""
    return unicodedata.normalize("NFKC", typed) if len(typed) <= LONGEST else typed


def spellings(typed: str) -> list[str]:
    """The forms in which a stored password may have been typed, each once. How many depends on ``typed`` alone, so
    the work for a wrong password does not tell which addresses have accounts; for ASCII it is one."""
    if typed.isascii() or len(typed) > LONGEST:
        return [typed]
    forms = [one_form(typed), typed, *(unicodedata.normalize(form, typed) for form in ("NFC", "NFD", "NFKD"))]
    return list(dict.fromkeys(forms))


def hashed(typed: str) -> str:
    return make_password(one_form(typed))


def fits(typed: str, stored: str) -> bool:
    return any(check_password(each, stored) for each in spellings(typed))


def compare_with_nothing(typed: str) -> None:
    """As much work as a password that does not fit."""
    for each in spellings(typed):
        make_password(each)
