"""The user data header (3GPP TS 23.040, section 9.2.3.24): which part of a long message this is.

Of its elements only those of concatenation say something to us: 00 with a reference of 8 bits (9.2.3.24.1), 08 with one
of 16 (9.2.3.24.8). A header that is broken says nothing, and its message is whole.
"""

from dataclasses import dataclass

_WIDTHS = {0x00: 1, 0x08: 2}  # bytes of the reference, by element
# A header that holds nothing but the one element: how it begins.
_ALONE = {b"\x05\x00\x03": 1, b"\x06\x08\x04": 2}


@dataclass(frozen=True, slots=True)
class Concatenation:
    """``no`` of ``total``, from 1; ``reference`` is the sender's, the same for all parts of a message."""

    reference: str
    total: int
    no: int


def concatenation(reference: int | str, total: int, no: int) -> Concatenation | None:
    """None for what cannot be, and for a message in one part."""
    return Concatenation(str(reference), total, no) if 1 <= no <= total <= 255 and total > 1 else None


def parse(header: bytes) -> Concatenation | None:
    """Of a header with its length in front. The last of several elements counts, those that cannot be are ignored."""
    if len(header) < 2 or len(header) != header[0] + 1:
        return None
    found, at = None, 1
    while at < len(header):
        if at + 2 > len(header) or (end := at + 2 + header[at + 1]) > len(header):
            return None
        found = _element(header[at], header[at + 2 : end]) or found
        at = end
    return found


def _element(identifier: int, data: bytes) -> Concatenation | None:
    width = _WIDTHS.get(identifier)
    if width is None or len(data) != width + 2:
        return None
    return concatenation(int.from_bytes(data[:width]), data[width], data[width + 1])


def split(content: bytes) -> tuple[Concatenation | None, bytes]:
    """A header at the beginning of the content, where a gateway leaves it in, and what follows.

    Only one that holds a plausible concatenation and nothing else: a text that begins like that by chance begins with
    control characters.
    """
    width = _ALONE.get(content[:3])
    found = parse(content[: width + 5]) if width else None
    return (found, content[width + 5 :]) if found and width else (None, content)
