"""A customer's own words on numbers: what one looks like."""

import unicodedata
from collections.abc import Iterable

from portal.core.errors import DomainError
from portal.core.names import is_readable

LENGTH, MOST = 32, 10  # characters of a tag, tags of a number


def clean_tag(text: str) -> str:
    """A tag as it is stored: lower case, trimmed, single spaces. Raises ``tag_invalid``, also when nothing is left."""
    tag = " ".join(word for word in unicodedata.normalize("NFC", text.lower()).split(" ") if word)
    if not tag:
        raise _invalid("Write a tag.")
    # Category Z: spaces other than the ordinary one.
    if "," in tag or not is_readable(tag) or any(unicodedata.category(each)[0] == "Z" for each in tag if each != " "):
        raise _invalid("A tag holds letters, digits and signs, no commas and no control characters.")
    if len(tag) > LENGTH:
        raise _invalid(f"A tag has at most {LENGTH} characters; “{tag[:LENGTH]}…” has {len(tag)}.")
    return tag


def clean_tags(texts: Iterable[str]) -> list[str]:
    """In the order given, each once, blanks left out. Raises ``tag_invalid`` and ``too_many_tags``."""
    tags = list(dict.fromkeys(clean_tag(text) for text in texts if text.strip()))
    if len(tags) > MOST:
        raise too_many()
    return tags


def too_many() -> DomainError:
    return DomainError("too_many_tags", f"A number has at most {MOST} tags.", field="tags", status=422)


def _invalid(message: str) -> DomainError:
    return DomainError("tag_invalid", message, field="tags", status=422)
