"""JPEG and PNG: looked through, decoded under a limit, and written anew, so that nothing but the picture survives."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, MpoImagePlugin  # noqa: F401  a JPEG of two pictures asks for the second module

from numbers.documents.inspection import foreign
from numbers.documents.refusals import DocumentRefused, infected, malformed, too_complex
from numbers.documents.refusals import foreign as foreign_content

MOST_PIXELS = 50_000_000
# Larger ones are halved: a page of A4 at 300 dpi has nine million.
ENOUGH_PIXELS = 24_000_000
MOST_PARTS = 20_000  # segments or chunks
MOST_SCANS = 100  # of a progressive JPEG, each of which is worked through over the whole picture
MOST_TEXT = 1_000_000  # bytes of one compressed text in a PNG
Image.preinit()  # otherwise the first picture asks for modules, when files can no longer be opened
Image.MAX_IMAGE_PIXELS = None  # our own limit is lower
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
# EXIF orientation, and what sets it right.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112
SEGMENT = re.compile(rb"\xff+([^\x00\xff])")
AFTER_SCAN = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
PIXEL_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"fdAT", b"fcTL", b"acTL", b"IEND"}


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is not pixels."""

    metadata: list[bytes]
    trailer: bytes


def rewrite(data: bytes, content_type: str) -> bytes:
    """The same picture, upright and without metadata, in the same format. Raises DocumentRefused."""
    parts = _jpeg_parts(data) if content_type == "image/jpeg" else _png_parts(data)
    if any(foreign.EICAR in part for part in [*parts.metadata, parts.trailer]):
        raise infected()
    # A phone puts a short video or a second exposure behind the picture: that falls away with everything else.
    if any(foreign.is_in(part) for part in [*parts.metadata, parts.trailer]):
        raise foreign_content("picture")
    return _written(_decoded(data, content_type), content_type)


def reduced(data: bytes, width: int) -> Image.Image:
    """A picture that :func:`rewrite` made, at most ``width`` pixels wide."""
    picture = Image.open(BytesIO(data), formats=list(FORMATS.values()))
    picture.thumbnail((width, 3 * width))
    return picture


def _decoded(data: bytes, content_type: str) -> Image.Image:
    try:
        picture: Image.Image = Image.open(BytesIO(data), formats=[FORMATS[content_type]])
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise DocumentRefused(
                f"The picture has {width} × {height} pixels; at most {MOST_PIXELS // 1_000_000} megapixels can be "
                "taken. Reduce it, or photograph the paper with an ordinary setting.",
                code="document_picture_too_large",
            )
        turn = TURNS.get(_orientation(picture))
        if width * height > ENOUGH_PIXELS:
            picture.draft(None, (width // 2, height // 2))
        picture.load()  # the first picture of several; a truncated one raises OSError
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error) as error:
        raise malformed("picture") from error
    picture = _plain(picture)
    if picture.width * picture.height > ENOUGH_PIXELS:
        picture = picture.reduce(2)
    return picture.transpose(turn) if turn is not None else picture


def _orientation(picture: Image.Image) -> int:
    """A broken EXIF block does not spoil a good picture: it is upright then."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def _plain(picture: Image.Image) -> Image.Image:
    """In a mode that every program can show: grey or colours, with transparency where it is used."""
    if picture.mode in ("L", "RGB", "RGBA", "LA"):
        return picture if "transparency" not in picture.info else picture.convert("RGBA")
    if picture.mode.startswith("I"):  # 16 bits of grey; a plain conversion would cut off all but the darkest
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode == "P" and "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("RGB")


def _written(picture: Image.Image, content_type: str) -> bytes:
    picture.info = {}  # Pillow would write some of it again
    out = BytesIO()
    if content_type == "image/jpeg":
        picture.save(out, "JPEG", quality=90)
    else:
        picture.save(out, "PNG", compress_level=6)
    return out.getvalue()


# -- where the pixels end and other things begin ----------------------------------------------------------------------


def _jpeg_parts(data: bytes) -> Parts:
    """Raises document_malformed unless the segments lead to an end marker."""
    metadata: list[bytes] = []
    position, scans = 2, 0
    for _ in range(MOST_PARTS):
        marker = SEGMENT.search(data, position)
        if marker is None:
            raise malformed("picture")
        metadata.append(data[position : marker.start()])  # stray bytes, which decoders skip
        code, position = marker[1][0], marker.end()
        if code == 0xD9:
            return Parts([part for part in metadata if part], data[position:])
        if code == 0x01 or 0xD0 <= code <= 0xD8:
            continue
        length = int.from_bytes(data[position : position + 2])
        if length < 2 or position + length > len(data):
            raise malformed("picture")
        if 0xE0 <= code <= 0xEF or code == 0xFE:
            metadata.append(data[position + 2 : position + length])
        position += length
        if code == 0xDA:
            scans += 1
            following = AFTER_SCAN.search(data, position)
            if following is None:
                raise malformed("picture")
            position = following.start()
        if scans > MOST_SCANS:
            break
    raise too_complex()


def _png_parts(data: bytes) -> Parts:
    metadata: list[bytes] = []
    position = 8
    for _ in range(MOST_PARTS):
        length, name = int.from_bytes(data[position : position + 4]), data[position + 4 : position + 8]
        end = position + 12 + length
        if len(name) < 4 or end > len(data):
            raise malformed("picture")
        if name not in PIXEL_CHUNKS:
            content = data[position + 8 : end - 4]
            metadata += [content, *_unpacked(name, content)]
        position = end
        if name == b"IEND":
            return Parts(metadata, data[position:])
    raise too_complex()


def _unpacked(name: bytes, content: bytes) -> Iterator[bytes]:
    """The clear text of a compressed text or colour profile."""
    start = {b"zTXt": 1, b"iCCP": 1, b"iTXt": 2}.get(name)
    _, nul, rest = content.partition(b"\0")
    if start is None or not nul:
        return
    if name == b"iTXt":
        if rest[:1] != b"\1":
            return
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        start = 0
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(rest[start:], MOST_TEXT)
    except zlib.error:
        return
    if unpacker.unconsumed_tail:
        raise too_complex()
    yield text


# -- pictures inside of PDFs -------------------------------------------------------------------------------------------


def bare(data: bytes, filter_name: str) -> bytes:
    """The bytes of a PDF's picture without what programs put beside the pixels. Raises DocumentRefused.

    ``filter_name``: as the PDF calls its packing. Bilevel ones have no room for anything.
    """
    if filter_name in ("/DCTDecode", "/DCT"):
        return _bare_jpeg(data)
    return _bare_jpeg2000(data) if filter_name == "/JPXDecode" else data


def _bare_jpeg(data: bytes) -> bytes:
    """Of the segments for programs only Adobe's is kept, which says how colours are meant."""
    if not data.startswith(b"\xff\xd8"):
        raise malformed("PDF")
    kept, position = [data[:2]], 2
    for _ in range(MOST_PARTS):
        marker = SEGMENT.search(data, position)
        if marker is None or marker[1][0] == 0xD9:
            return b"".join([*kept, b"\xff\xd9"])
        code, position = marker[1][0], marker.end()
        if code == 0x01 or 0xD0 <= code <= 0xD8:
            continue
        end = position + max(int.from_bytes(data[position : position + 2]), 2)
        if code == 0xDA:
            following = AFTER_SCAN.search(data, end)
            end = following.start() if following else len(data)
        if code == 0xEE or not (0xE0 <= code <= 0xEF or code == 0xFE):
            kept.append(b"\xff" + bytes([code]) + data[position:end])
        position = end
    raise too_complex()


def _bare_jpeg2000(data: bytes) -> bytes:
    """Of the boxes those that the pixels need."""
    if data.startswith(b"\xff\x4f\xff\x51"):
        return data  # nothing but pixels
    kept: list[bytes] = []
    position = 0
    for _ in range(MOST_PARTS):
        if position >= len(data):
            return b"".join(kept)
        length, name = int.from_bytes(data[position : position + 4]), data[position + 4 : position + 8]
        if length == 1:
            length = int.from_bytes(data[position + 8 : position + 16])
        end = len(data) if length == 0 else position + length
        if end <= position or end > len(data):
            raise malformed("PDF")
        if name in (b"jP  ", b"ftyp", b"jp2h", b"jp2c"):
            kept.append(data[position:end])
        position = end
    raise too_complex()
