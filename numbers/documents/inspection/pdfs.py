"""PDFs are kept byte for byte (a signature in them stays good), so only harmless ones are taken.

qpdf shows the structure and PDFium draws every page; both run in the limited process.
"""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

from numbers.documents.inspection import foreign
from numbers.documents.refusals import DocumentRefused, infected, malformed, too_complex
from numbers.documents.refusals import foreign as foreign_content

MOST_PAGES = 50
MOST_VALUES = 400_000  # dictionaries, lists and what they hold
MOST_UNPACKED = 300_000_000  # bytes, of all streams together
MOST_PIXELS = 50_000_000  # of a picture in the PDF
CHUNK = 1_000_000
SMALL, MOST_HEIGHT = 200, 3  # pixels of the trial drawing; a page may be so many times as high as wide
OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
SPACE = b"\0\t\n\x0c\r "

ACTIONS = {
    "/JavaScript": "a script", "/Launch": "a command that starts programs", "/SubmitForm": "a form that sends data",
    "/ImportData": "a form that fetches data",
    "/GoToR": "a link into another file", "/GoToE": "a link into another file",
    "/RichMediaExecute": "an embedded player", "/Rendition": "an embedded player", "/Movie": "an embedded video",
    "/Sound": "an embedded sound",
}
KEYS = {
    "/JS": "a script", "/JavaScript": "a script", "/XFA": "an XFA form", "/AA": "actions that run by themselves",
    "/EmbeddedFiles": "an attached file", "/EF": "an attached file", "/RichMediaContent": "an embedded player",
}
SUBTYPES = {
    "/RichMedia": "an embedded player", "/FileAttachment": "an attached file", "/Movie": "an embedded video",
    "/Sound": "an embedded sound", "/Screen": "an embedded player", "/3D": "a 3D model",
}
SCHEMES = ("javascript:", "vbscript:", "data:", "file:")
PICTURE_FILTERS = {"/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"}


def examine(data: bytes) -> int:
    """The number of pages. Raises DocumentRefused."""
    _look_around(data)
    try:
        with pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True,
                          inherit_page_attributes=False) as pdf:
            if pdf.is_encrypted:
                raise _encrypted()
            pages = _count_pages(pdf)
            _look_through(pdf)
    except pikepdf.PasswordError:
        raise _encrypted()
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, AttributeError, KeyError,
            RuntimeError) as error:
        if b"/Encrypt" in data:  # without a password to open it: qpdf asks the system for random bytes, in vain here
            raise _encrypted()
        raise malformed("PDF") from error
    _try_drawing(data, pages)
    return pages


# -- around the objects ------------------------------------------------------------------------------------------------


def _look_around(data: bytes) -> None:
    """What stands before, between and after the objects of the file."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise malformed("PDF")
    tail = data[end + 5 :].strip(SPACE)
    if tail and OBJECT.search(tail) and not foreign.is_in(tail):
        raise malformed("PDF")  # an earlier end, and then an update that breaks off
    if tail:
        raise foreign_content("PDF")
    if any(foreign.is_in(part) for part in _between_objects(data[5:])):
        raise foreign_content("PDF")
    # An archive is read from its end, which may hide inside the last object.
    if b"PK\x05\x06\0\0\0\0" in data[-66_000:]:
        raise foreign_content("PDF")


def _between_objects(data: bytes) -> Iterator[bytes]:
    position = 0
    while (start := OBJECT.search(data, position)) is not None:
        yield data[position : start.start()]
        end = data.find(b"endobj", start.end())
        if end < 0:
            return
        position = end + 6
    yield data[position:]


# -- the objects -------------------------------------------------------------------------------------------------------


def _encrypted() -> DocumentRefused:
    return DocumentRefused(
        "The PDF is protected with a password or against copying. Remove the protection (for example by printing it "
        "to PDF) and upload it again.",
        code="document_encrypted",
    )


def _active(what: str) -> DocumentRefused:
    return DocumentRefused(
        f"The PDF contains {what}. Print it to PDF, which leaves that out, and upload it again.",
        code="document_active_content",
    )


def _count_pages(pdf: pikepdf.Pdf) -> int:
    count = len(pdf.pages)
    if not 1 <= count <= MOST_PAGES:
        raise DocumentRefused(
            f"The PDF has {count} pages; it must have 1 to {MOST_PAGES}. Upload only the pages that are asked for.",
            code="document_page_count",
        )
    return count


def _look_through(pdf: pikepdf.Pdf) -> None:
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != "/GoTo":
        raise _active("an action that runs when it is opened")
    left, unpacked = MOST_VALUES, 0
    for thing in pdf.objects:
        waiting: list[Any] = [thing]
        while waiting:
            value = waiting.pop()
            inner = list(_inside(value))
            left -= 1 + len(inner)
            if left < 0:
                raise too_complex()
            # What is referred to has its own turn.
            waiting += [each for each in inner if isinstance(each, pikepdf.Object) and not each.is_indirect]
        if isinstance(thing, pikepdf.Stream):
            unpacked = _check_stream(thing, unpacked)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, pikepdf.Array):
        return list(value)
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        entries = dict(value.items())
        _check_entries(entries)
        return entries.values()
    return ()


def _check_entries(entries: dict[str, Any]) -> None:
    for key in entries.keys() & KEYS.keys():
        raise _active(KEYS[key])
    for key, words in (("/S", ACTIONS), ("/Subtype", SUBTYPES)):
        value = entries.get(key)
        if isinstance(value, pikepdf.Name) and str(value) in words:
            raise _active(words[str(value)])
    if entries.get("/Type") == "/EmbeddedFile":
        raise _active("an attached file")
    address = entries.get("/URI")
    if isinstance(address, pikepdf.String):
        bare = re.sub(rb"[\x00-\x20\x7f]", b"", bytes(address)).decode("latin-1").lower()
        if bare.startswith(SCHEMES):
            raise _active("a link that runs a script or opens a file")


def _check_stream(stream: pikepdf.Stream, unpacked: int) -> int:
    """Adds what the stream unpacks to; stops a bomb before it has been unpacked."""
    if stream.get("/Subtype") == "/Image":
        width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
        if width < 0 or height < 0 or width * height > MOST_PIXELS:
            raise too_complex()
    before = b""
    for chunk in _decoded(stream):
        unpacked += len(chunk)
        if unpacked > MOST_UNPACKED:
            raise too_complex()
        if foreign.EICAR in before + chunk:
            raise infected()
        before = chunk[-len(foreign.EICAR) :]
    return unpacked


def _decoded(stream: pikepdf.Stream) -> Iterator[bytes]:
    filters = stream.get("/Filter")
    names = [str(each) for each in filters] if isinstance(filters, pikepdf.Array) else (
        [] if filters is None else [str(filters)])
    if not set(names) <= {"/FlateDecode", "/Fl", "/ASCIIHexDecode", "/AHx", "/ASCII85Decode", "/A85"} | PICTURE_FILTERS:
        try:  # rare; the process's memory is the limit
            yield bytes(stream.read_bytes(pikepdf.StreamDecodeLevel.generalized))
        except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError):
            raise too_complex()
        return
    chunks: Iterator[bytes] = iter([bytes(stream.read_raw_bytes())])
    for name in names:
        if name in PICTURE_FILTERS:
            break  # the drawing decodes it
        chunks = _inflated(chunks) if name.startswith("/Fl") else _from_text(chunks, name)
    yield from chunks


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


# -- drawing -----------------------------------------------------------------------------------------------------------


def _try_drawing(data: bytes, pages: int) -> None:
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            if len(pdf) != pages:  # the two programs read different documents in it
                raise malformed("PDF")
            for index in range(pages):
                _drawn(pdf[index], SMALL)
    except (pypdfium2.PdfiumError, ValueError, OverflowError) as error:
        raise malformed("PDF") from error


def draw(data: bytes, page: int, width: int) -> Image.Image:
    """Page ``page``, counted from 1, ``width`` pixels wide."""
    with pypdfium2.PdfDocument(data) as pdf:
        return _drawn(pdf[page - 1], width)


def _drawn(page: Any, width: int) -> Image.Image:
    across, down = page.get_size()
    if not (0 < across < 1e6 and 0 < down < 1e6):
        raise ValueError("a page without a size")
    scale = min(width / across, MOST_HEIGHT * width / down)
    try:
        picture: Image.Image = page.render(scale=scale).to_pil()
    finally:
        page.close()
    return picture
