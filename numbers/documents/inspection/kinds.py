"""What a file is, by its content. Its name and what the browser calls it count for nothing but a comparison."""

import puremagic

from numbers.documents import names
from numbers.documents.rejections import DocumentRejected

# A picture's must stand at the very beginning: readers that look further are what polyglots live on. Before a PDF there
# may be a few bytes, as printers and servers write them, but no beginning of something else; it is built anew anyway.
MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
PDF = b"%PDF-"
BEFORE = 1024  # bytes that may stand before a PDF's beginning
OTHERS = (
    b"GIF8",
    b"RIFF",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"PK",
    b"Rar!",
    b"7z",
    b"\x1f\x8b",
    b"\x7fELF",
    b"MZ",
    b"#!",
    b"{\\rtf",
    b"\xd0\xcf\x11\xe0",
    b"%!PS",
    b"<",
)
WORDS = {"application/pdf": "PDF", "image/jpeg": "JPEG picture", "image/png": "PNG picture"}
ADVICE = "Upload a PDF, or a photo or scan as JPEG or PNG."
SAVE = "Save it as PDF (File, Save as or Export) and upload that."
CONVERT = "Open it, save it as JPEG or PNG, and upload that."
HEIF = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "a HEIC photo"),
    **dict.fromkeys((b"avif", b"avis"), "an AVIF picture"),
}
# What puremagic calls it, and how people do.
KNOWN = {
    ".docx": ("a Word document", SAVE),
    ".doc": ("a Word document", SAVE),
    ".xlsx": ("a spreadsheet", SAVE),
    ".pptx": ("a presentation", SAVE),
    ".odt": ("a text document", SAVE),
    ".rtf": ("a text document", SAVE),
    ".tif": ("a TIFF picture", CONVERT),
    ".tiff": ("a TIFF picture", CONVERT),
    ".webp": ("a WebP picture", CONVERT),
    ".gif": ("a GIF picture", CONVERT),
    ".bmp": ("a BMP picture", CONVERT),
    ".jp2": ("a JPEG 2000 picture", CONVERT),
    ".jxl": ("a JPEG XL picture", CONVERT),
    ".psd": ("a Photoshop picture", CONVERT),
    ".svg": ("an SVG drawing", ADVICE),
    ".html": ("a web page", ADVICE),
    ".htm": ("a web page", ADVICE),
    ".xml": ("an XML file", ADVICE),
    ".jar": ("a program", ADVICE),
    ".exe": ("a program", ADVICE),
    ".dll": ("a program", ADVICE),
    ".elf": ("a program", ADVICE),
    ".mp4": ("a video", ADVICE),
    ".mov": ("a video", ADVICE),
    ".zip": ("a ZIP archive", "Unpack it, and upload each document by itself."),
    ".rar": ("a RAR archive", "Unpack it, and upload each document by itself."),
    ".7z": ("a 7-Zip archive", "Unpack it, and upload each document by itself."),
    ".gz": ("an archive", "Unpack it, and upload each document by itself."),
}


PACKED = {b"word/": ".docx", b"xl/": ".xlsx", b"ppt/": ".pptx", b"opendocument.text": ".odt", b"META-INF/": ".jar"}


def by_magic(data: bytes) -> str:
    """By the first bytes alone; "" when they are those of another kind."""
    for magic, kind in MAGIC.items():
        if data.startswith(magic):
            return kind
    start = data.find(PDF, 0, BEFORE + len(PDF))
    if start > 0 and (data.startswith(OTHERS) or data[4:8] == b"ftyp"):
        return ""
    return "application/pdf" if start >= 0 else ""


def kind(data: bytes, name: str) -> str:
    """The content type; what the name ends in counts only where it is a program's. Raises ``document_type_unknown``
    and ``document_extension_wrong``."""
    found = by_magic(data)
    if not found:
        raise DocumentRejected(_what_it_is(data), code="document_type_unknown")
    ending = names.extension(name)
    if ending in names.ACTIVE:
        raise DocumentRejected(
            f"The name ends in .{ending}, as programs and web pages do, but the file is a {WORDS[found]}. "
            f"If that is what you want to send, let its name end in .{names.EXTENSIONS[found][0]}.",
            code="document_extension_wrong",
        )
    return found


def _what_it_is(data: bytes) -> str:
    """In words, and what to do about it."""
    if data[4:8] == b"ftyp" and (photo := HEIF.get(data[8:12])):
        advice = (
            "On an iPhone choose Settings, Camera, Formats, Most Compatible, or share the photo as JPEG."
            if "HEIC" in photo
            else CONVERT
        )
        return f"This is {photo}, which we do not accept. {advice} {'' if advice == CONVERT else ADVICE}".strip()
    if PDF in data[: BEFORE + len(PDF)]:
        return f"Another kind of file stands before the beginning of the PDF. Export it again. {ADVICE}"
    if data.startswith((b"II*\0", b"MM\0*")):
        words, advice = KNOWN[".tif"]
        return f"This is {words}, which we do not accept. {advice} A scan of several pages is best saved as PDF."
    try:
        guesses = {guess.extension for guess in puremagic.magic_string(data[:65536])}
    except (puremagic.PureError, ValueError, IndexError):
        guesses = set()
    if data.startswith(b"PK"):  # office programs pack their files
        guesses = {next((ending for sign, ending in PACKED.items() if sign in data), ".zip")}
    words, advice = next((known for ending, known in KNOWN.items() if ending in guesses), ("", ADVICE))
    if not words:
        return f"We do not accept this kind of file. {ADVICE}"
    return f"This looks like {words}, which we do not accept. {advice}"
