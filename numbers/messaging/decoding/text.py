"""Bytes of a message to text that the database takes: whatever came, there is a text, and no exception."""

from collections.abc import Iterable
from itertools import pairwise

from numbers.messaging.decoding import gsm7
from numbers.messaging.models import Encoding

# What is said to be Latin-1 is often Windows-1252, whose signs lie where Latin-1 has control characters.
_CODECS = {Encoding.LATIN1: "cp1252", Encoding.ASCII: "ascii", Encoding.UTF8: "utf-8"}


def from_text(text: str) -> bytes:
    """Text that was decoded elsewhere, as UCS-2. Half a surrogate pair stays one: the other half may be in the next
    part."""
    return text.encode("utf-16-be", "surrogatepass")


def decode(content: bytes, alphabet: str) -> str:
    """Without NUL and lone surrogates, which no database text holds (RFC 8259 section 8.2, PostgreSQL 8.3).

    Binary data becomes hexadecimal digits. Where bytes are not of the alphabet that the gateway names (its default
    alphabet need not be that of GSM), they are read as UTF-8, or else as Latin-1.
    """
    return _decoded(content, Encoding(alphabet)).replace("\0", "")


def _decoded(content: bytes, alphabet: Encoding) -> str:
    if alphabet == Encoding.BINARY:
        return content.hex()
    if alphabet == Encoding.UCS2:
        return content.decode("utf-16-be", "replace")  # more than UCS-2: phones send emoji as surrogate pairs
    try:
        return gsm7.decode(content) if alphabet == Encoding.GSM7 else content.decode(_CODECS[alphabet])
    except ValueError:
        return _guessed(content)


def _guessed(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def joined(parts: Iterable[tuple[int, bytes, str]]) -> str:
    """The text of parts (number, content, alphabet), as far as they are there.

    Neighbours in one alphabet are joined before they are decoded: the border between them may cut an escape or a
    surrogate pair in two.
    """
    ordered = sorted(parts)
    runs = [[part] for part in ordered[:1]]
    for (no, _, alphabet), part in pairwise(ordered):
        if part[0] == no + 1 and part[2] == alphabet:
            runs[-1].append(part)
        else:
            runs.append([part])
    return "".join(decode(b"".join(content for _, content, _ in run), run[0][2]) for run in runs)
