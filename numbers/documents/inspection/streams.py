"""What the packed streams of a PDF hold, unpacked in pieces, so that a bomb is stopped before it has been."""

import base64
import re
import zlib
from collections.abc import Iterator
from itertools import islice

import pikepdf

from numbers.documents.rejections import too_complex

CHUNK = 1_000_000
SPACE = b"\0\t\n\x0c\r "
PICTURE_FILTERS = {"/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"}


def filters(stream: pikepdf.Stream) -> list[str]:
    given = stream.get("/Filter")
    if isinstance(given, pikepdf.Array):
        return [str(each) for each in given]
    return [] if given is None else [str(given)]


def is_exact(stream: pikepdf.Stream) -> bool:
    """One that is packed with Flate alone is whole, and nothing follows it."""
    unpacker, rest = zlib.decompressobj(), bytes(stream.read_raw_bytes())
    try:
        while rest and not unpacker.eof:
            unpacker.decompress(rest, CHUNK)
            rest = unpacker.unconsumed_tail
    except zlib.error:
        return False
    return unpacker.eof and not unpacker.unused_data


def decoded(stream: pikepdf.Stream) -> Iterator[bytes]:
    names = filters(stream)
    if not set(names) <= {"/FlateDecode", "/Fl", "/ASCIIHexDecode", "/AHx", "/ASCII85Decode", "/A85"} | PICTURE_FILTERS:
        try:  # rare; the process's memory is the limit
            yield bytes(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
        except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError):
            raise too_complex()
        return
    chunks: Iterator[bytes] = iter([bytes(stream.read_raw_bytes())])
    for name in names:
        if name in PICTURE_FILTERS:
            break  # the drawing decodes it
        chunks = _inflated(chunks) if name.startswith("/Fl") else _from_text(chunks, name)
    yield from chunks


def beginning(stream: pikepdf.Stream) -> Iterator[bytes]:
    """Its first megabytes, in pieces."""
    return islice(decoded(stream), 10)


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    try:
        for chunk in chunks:
            while chunk:
                yield unpacker.decompress(chunk, CHUNK)
                chunk = unpacker.unconsumed_tail
    except zlib.error:
        return  # broken off: the drawing shows whether that matters


def _from_text(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    text = b""
    for chunk in chunks:
        text += chunk
        if len(text) > 2 * 10_000_000:
            raise too_complex()
    try:
        if name in ("/ASCIIHexDecode", "/AHx"):
            digits = re.sub(rb"\s", b"", text.partition(b">")[0])
            yield bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        else:
            yield base64.a85decode(text.strip(SPACE).removeprefix(b"<~").partition(b"~>")[0])
    except ValueError:
        return
