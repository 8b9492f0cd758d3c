"""Names that people type: of persons, companies, projects, numbers, documents. One rule for all of them."""

import unicodedata
from pathlib import PurePath

from django.core.exceptions import ValidationError

UNREADABLE = "Use letters, digits and signs only: no control characters, line breaks or invisible characters."


def is_readable(text: str) -> bool:
    """One line of characters that are seen.

    Refused are control characters, what turns the direction of writing (U+202A–U+202E, U+2066–U+2069 …) and other
    invisible characters (category C), and line and paragraph separators: such a name breaks a mail's header or a CSV
    line, or looks like another name.
    """
    return not any(unicodedata.category(each)[0] == "C" or unicodedata.category(each) in ("Zl", "Zp") for each in text)


def validate_name(text: str) -> None:
    """A validator for form and model fields."""
    if not is_readable(text):
        raise ValidationError(UNREADABLE, code="unreadable")


def kept_file_name(name: str | None) -> str:
    """Of a file that somebody sent, to be shown again: without folders, at most 100 characters."""
    found = " ".join(PurePath((name or "").replace("\\", "/")).name.split())[:100]
    return found if found and is_readable(found) else "a file"
