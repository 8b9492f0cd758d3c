"""PDFs: looked through under limits, and built anew from what their pages show (:mod:`.rewriting`).

qpdf shows the structure and PDFium draws every page; both run in the limited process.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

from numbers.documents.inspection import foreign, rewriting, streams
from numbers.documents.rejections import DocumentRejected, infected, malformed, picture_too_large, too_complex
from numbers.documents.rejections import foreign as foreign_content

MOST_PAGES = 50
MOST_VALUES = 400_000  # dictionaries, lists and what they hold
MOST_UNPACKED = 300_000_000  # bytes, of all streams together
MOST_PIXELS = 150_000_000  # of a picture in the PDF: A3 with 600 dpi has 139 million
MOST_BYTES = 160_000_000  # of one, unpacked: the same in grey, or 53 million pixels in colours
COMPONENTS = {"/DeviceGray": 1, "/CalGray": 1, "/Indexed": 1, "/Separation": 1, "/DeviceCMYK": 4}  # others: 3
SMALL, MOST_HEIGHT = 200, 3  # pixels of the trial drawing; a page may be so many times as high as wide
OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")


def prepare_for_encrypted() -> None:
    """To open an encrypted file, qpdf wants the system's random numbers; once no file can be opened it would not get
    them any more."""
    with pikepdf.new() as pdf:
        pdf.save(BytesIO(), encryption=pikepdf.Encryption(owner="x", user=""))


def rewrite(data: bytes) -> tuple[bytes, int]:
    """The same pages in a new file, and how many there are. Raises DocumentRejected."""
    _check_around_objects(data)
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            pages = _count_pages(pdf)
            _reject_forms_and_portfolios(pdf)
            _check_objects(pdf)
        with pypdfium2.PdfDocument(data) as seen:
            if len(seen) != pages:  # the two programs read different documents in it
                raise malformed("PDF")
        made = rewriting.rewritten(data)
    except pikepdf.PasswordError:
        raise _encrypted()
    except (
        pikepdf.PdfError,
        pikepdf.DataDecodingError,
        pypdfium2.PdfiumError,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        RuntimeError,
    ) as error:
        raise malformed("PDF") from error
    _check_around_objects(made)
    _check_drawing(made, pages)
    return made, pages


# -- around the objects ------------------------------------------------------------------------------------------------


def _check_around_objects(data: bytes) -> None:
    """What stands before, between and after the objects of the file."""
    start = max(data.find(b"%PDF-"), 0)
    end = _end(data)
    tail = data[end:].strip(streams.SPACE)
    _reject_foreign_content(tail)
    if OBJECT.search(tail):
        raise malformed("PDF")  # an earlier end, and then an update that breaks off
    _reject_foreign_content(data[:start])
    for part in _between_objects(data[start + 5 :]):
        _reject_foreign_content(part)
    # An archive is read from its end, which may hide inside the last object.
    if b"PK\x05\x06\0\0\0\0" in data[-66_000:]:
        raise foreign_content("PDF", "an archive")


def _end(data: bytes) -> int:
    """Behind the end marker. Where it is missing, the trailer behind the last object says that no page is."""
    end = data.rfind(b"%%EOF")
    last = data.rfind(b"endobj")
    if end > last or (end >= 0 and b"startxref" not in data[last:]):
        return end + 5
    for word in (b"startxref", b"trailer"):
        if 0 <= last < (found := data.rfind(word)):
            return found + len(word)
    raise malformed("PDF")


def _reject_foreign_content(part: bytes) -> None:
    found = foreign.found(part)
    if found:
        raise foreign_content("PDF", found)


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


def _encrypted() -> DocumentRejected:
    return DocumentRejected(
        "The PDF needs a password to open. Remove the password (for example by printing it to PDF) and upload it "
        "again.",
        code="document_encrypted",
    )


def _count_pages(pdf: pikepdf.Pdf) -> int:
    count = len(pdf.pages)
    if not 1 <= count <= MOST_PAGES:
        raise DocumentRejected(
            f"The PDF has {count} pages; it must have 1 to {MOST_PAGES}. Upload only the pages that are required.",
            code="document_page_count",
        )
    return count


def _reject_forms_and_portfolios(pdf: pikepdf.Pdf) -> None:
    """XFA forms and portfolios: their pages only name another program, and what matters would fall away."""
    form = pdf.Root.get("/AcroForm")
    if (
        isinstance(form, pikepdf.Dictionary)
        and "/XFA" in form
        and (pdf.Root.get("/NeedsRendering") is True or _is_drawn_by_its_form(pdf, form.XFA))
    ):
        what = "is an XFA form"
    elif "/Collection" in pdf.Root:
        what = "is a portfolio of attached files"
    else:
        return
    raise DocumentRejected(
        f"The PDF {what}, which shows nothing by itself. Open it in Adobe Reader, print what it shows to PDF, and "
        "upload that.",
        code="document_active_content",
    )


def _is_drawn_by_its_form(pdf: pikepdf.Pdf, form: Any) -> bool:
    """The form describes fields, and no page has any: the pages say "Please wait" instead."""
    parts = list(form) if isinstance(form, pikepdf.Array) else [form]
    described = any(
        b"<subform" in b"".join(streams.beginning(part)) for part in parts if isinstance(part, pikepdf.Stream)
    )
    return described and not any(note.get("/Subtype") == "/Widget" for page in pdf.pages for note in _notes(page))


def _notes(page: pikepdf.Page) -> list[pikepdf.Dictionary]:
    notes = page.obj.get("/Annots")
    return [note for note in notes if isinstance(note, pikepdf.Dictionary)] if isinstance(notes, pikepdf.Array) else []


def _check_objects(pdf: pikepdf.Pdf) -> None:
    left, unpacked = MOST_VALUES, 0
    for thing in pdf.objects:
        waiting: list[Any] = [thing]
        while waiting:
            inner = _inside(waiting.pop())
            left -= 1 + len(inner)
            if left < 0:
                raise too_complex()
            # What is referred to has its own turn.
            waiting += [each for each in inner if isinstance(each, pikepdf.Object) and not each.is_indirect]
        if isinstance(thing, pikepdf.Stream):
            unpacked = _check_stream(thing, unpacked)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, pikepdf.Array):
        return list(value)
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return [inner for _, inner in value.items()]
    return []


def _check_stream(stream: pikepdf.Stream, unpacked: int) -> int:
    """Adds what the stream unpacks to; stops a bomb before it has been unpacked."""
    if stream.get("/Subtype") == "/Image":
        _reject_large_picture(stream)
    before = b""
    for chunk in streams.decoded(stream):
        unpacked += len(chunk)
        if unpacked > MOST_UNPACKED:
            raise too_complex()
        if foreign.EICAR in before + chunk:
            raise infected()
        before = chunk[-len(foreign.EICAR) :]
    return unpacked


def _reject_large_picture(image: pikepdf.Stream) -> None:
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    if width < 0 or height < 0:
        raise malformed("PDF")
    space = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and len(space):
        space = space[0]
    bits = int(image.get("/BitsPerComponent", 8)) * COMPONENTS.get(str(space), 3)
    if image.get("/ImageMask") is True:
        bits = 1
    if width * height > MOST_PIXELS or width * height * max(bits, 1) > 8 * MOST_BYTES:
        raise picture_too_large(width, height, inside=True)


# -- drawing -----------------------------------------------------------------------------------------------------------


def _check_drawing(data: bytes, pages: int) -> None:
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
