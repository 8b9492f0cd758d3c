"""What a file is, by its content. Its name and what the browser calls it count for nothing but a comparison."""

import puremagic

from numbers.documents import names
from numbers.documents.refusals import DocumentRefused

# Each must stand at the very beginning: readers that look further are what polyglots live on. Only before a PDF may
# there be some blank lines, as some programs write; it is built anew anyway.
MAGIC = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
BLANK = 64  # bytes
WORDS = {"application/pdf": "PDF", "image/jpeg": "JPEG picture", "image/png": "PNG picture"}
ADVICE = "Upload a PDF, or a photo or scan as JPEG or PNG."
HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
# What puremagic calls it, and how people do.
KNOWN = {
    ".docx": "a Word document", ".doc": "a Word document", ".xlsx": "a spreadsheet", ".zip": "a ZIP archive",
    ".jar": "a program", ".exe": "a program", ".dll": "a program", ".elf": "a program", ".gif": "a GIF picture",
    ".tif": "a TIFF picture", ".tiff": "a TIFF picture", ".webp": "a WebP picture", ".bmp": "a BMP picture",
    ".svg": "an SVG drawing", ".html": "a web page", ".htm": "a web page", ".xml": "an XML file",
    ".rtf": "a text document", ".odt": "a text document", ".rar": "a RAR archive", ".7z": "a 7-Zip archive",
    ".gz": "an archive", ".mp4": "a video", ".mov": "a video",
}


def by_magic(data: bytes) -> str:
    """By the first bytes alone; "" when they are those of another kind."""
    if data[:BLANK].lstrip(b"\t\n\r ").startswith(b"%PDF-"):
        return "application/pdf"
    return next((kind for magic, kind in MAGIC.items() if data.startswith(magic)), "")


def kind(data: bytes, name: str) -> str:
    """The content type. Raises ``document_type_unknown`` and ``document_extension_wrong``."""
    found = by_magic(data)
    if not found:
        raise DocumentRefused(f"{_what_it_is(data)} {ADVICE}", code="document_type_unknown")
    ending = names.extension(name)
    if ending and ending not in names.EXTENSIONS[found]:
        fitting = f".{names.EXTENSIONS[found][0]}"
        raise DocumentRefused(
            f"The name ends in .{ending[:12]}, but the file is a {WORDS[found]}. "
            f"If that is what you want to send, let its name end in {fitting}.",
            code="document_extension_wrong",
        )
    return found


def _what_it_is(data: bytes) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in HEIF:
        return ("This is a HEIC photo. On an iPhone choose Settings, Camera, Formats, Most Compatible, "
                "or share the photo as JPEG.")
    if b"%PDF-" in data[1:1024]:
        return "There is something before the beginning of the PDF; export it again."
    try:
        guesses = {guess.extension for guess in puremagic.magic_string(data[:65536])}
    except (puremagic.PureError, ValueError, IndexError):
        guesses = set()
    words = next((words for ending, words in KNOWN.items() if ending in guesses), None)
    return f"This looks like {words}, which cannot be taken." if words else "This kind of file cannot be taken."
