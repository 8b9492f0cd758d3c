"""Texts that people type, as they are stored. Names have a rule of their own: :mod:`portal.core.names`."""

import unicodedata

from portal.core.errors import DomainError


def one_line(text: str) -> str:
    """Trimmed, with single spaces in place of every run of spaces, tabs and line ends."""
    return " ".join(text.split())


def with_line_ends(text: str) -> str:
    """Trimmed, with ``\\n`` for every kind of line end."""
    return "\n".join(text.strip().splitlines())


def is_showable(text: str) -> bool:
    """Without control characters and lone surrogates; line ends and tabs may be in it."""
    return not any(unicodedata.category(each) in ("Cc", "Cs") for each in text if each not in "\n\t")


def clean_text(text: str, *, field: str, most: int, missing: str) -> str:
    """Of several lines: every kind of line end becomes ``\\n``, no other control character but a tab passes.

    Raises ``text_missing`` (with the message ``missing``), ``text_too_long``, ``text_unreadable``.
    """
    text = with_line_ends(text)
    if not text:
        raise DomainError("text_missing", missing, field=field, status=422)
    if len(text) > most:
        raise DomainError("text_too_long", f"Use at most {most} characters.", field=field, status=422)
    if not is_showable(text):
        raise DomainError("text_unreadable", "This contains characters that cannot be shown.", field=field, status=422)
    return text
