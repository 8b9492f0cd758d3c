"""JPEG and PNG: looked through, decoded under a limit, and written anew, so that nothing but the picture survives."""

import random
import zlib
from io import BytesIO

from PIL import Image, ImageChops, ImageFile, MpoImagePlugin  # noqa: F401  a JPEG of two pictures asks for the last

from numbers.documents.inspection import foreign, jpeg, png
from numbers.documents.rejections import broken_off, infected, malformed, picture_too_large, too_complex
from numbers.documents.rejections import foreign as foreign_content

MOST_PIXELS = 150_000_000  # A3 with 600 dpi has 139 million
MOST_BYTES = 600_000_000  # of memory, of the 1,000 million that the process has
# Bytes for each pixel while a picture is decoded and brought into a plain mode; what a mode that is not here takes.
BYTES = {"1": 2, "L": 1, "P": 5, "RGB": 4, "LA": 8, "RGBA": 8, "I;16": 11}
OTHERS, TRANSPARENT = 11, 9
# Larger ones are reduced: a page of A4 at 300 dpi has nine million.
ENOUGH_PIXELS = 24_000_000
# Of a file that breaks off so much may be missing: a margin, and no line of a passport.
MOST_MISSING = 0.03
MOST_BOXES = 20_000  # of a JPEG 2000
BLOCKS = 18  # pixels: the last row of blocks, and what its colours spread to
Image.preinit()  # otherwise the first picture asks for modules, when files can no longer be opened
Image.MAX_IMAGE_PIXELS = None  # our own limit is lower
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
# EXIF orientation, and what sets it right.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112
BACKGROUND = "white"
STRIP = 1_000  # rows


def rewrite(data: bytes, content_type: str) -> tuple[bytes, int]:
    """The same picture, upright, on white and without metadata, in the same format; and how many per cent of it are
    missing, as its file breaks off. Raises DocumentRejected."""
    try:
        picture, missing = _decode_jpeg(data) if content_type == "image/jpeg" else _decode_png(data)
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error) as error:
        raise malformed("picture") from error
    return _encode(picture, content_type), missing


def reduced(data: bytes, width: int) -> Image.Image:
    """A picture that :func:`rewrite` made, at most ``width`` pixels wide, on white."""
    picture = Image.open(BytesIO(data), formats=list(FORMATS.values()))
    picture.thumbnail((width, 3 * width))
    return _on_background(picture)


def _reject_foreign_content(metadata: list[bytes], trailer: bytes) -> None:
    """A phone puts a short video or a second exposure behind the picture: that falls away with everything else."""
    if any(foreign.EICAR in part for part in [*metadata, trailer]):
        raise infected()
    found = next(filter(None, map(foreign.found, [*metadata, trailer])), "")
    if found:
        raise foreign_content("picture", found)


# -- decoding ----------------------------------------------------------------------------------------------------------


def _decode_jpeg(data: bytes) -> tuple[Image.Image, int]:
    parts = jpeg.read(data)
    # What follows the pixels of a file without an end is looked for in them: by chance it occurs once in hundreds.
    pixels = b"" if parts.has_end else data[parts.last_scan :] if parts.last_scan else b""
    _reject_foreign_content([*parts.metadata, pixels], parts.trailer)
    if parts.lacks_scans:
        raise broken_off(0)
    whole = data if parts.has_end else data + jpeg.END
    picture = _decode(whole, "JPEG", parts)
    missing = 0
    if parts.breaks_in_pixels:
        missing = _missing(picture, _decode(_continued(data), "JPEG", parts))
    return _upright(picture), missing


def _continued(data: bytes) -> bytes:
    """A file that breaks off, with other pixels where it does: nothing changes in the picture if it is whole."""
    return data.rstrip(b"\xff") + random.Random(1).randbytes(4096).replace(b"\xff", b"\0") + jpeg.END  # noqa: S311


def _missing(picture: Image.Image, other: Image.Image) -> int:
    """Per cent of the rows that the two do not have in common. Raises document_malformed for more than a margin."""
    differs = ImageChops.difference(picture, other).getbbox()
    rows = picture.height - differs[1] if differs else 0
    return _percent_missing(0 if rows <= BLOCKS else rows / picture.height)


def _decode_png(data: bytes) -> tuple[Image.Image, int]:
    parts = png.read(data)
    _reject_foreign_content(parts.metadata, parts.trailer)
    picture = _open(parts.bare, "PNG")
    _reject_too_large(picture)
    missing = _percent_missing(1 - parts.share())
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # what is there has been counted
    picture.load()
    return _upright(picture), missing


def _percent_missing(share: float) -> int:
    """Raises document_malformed for more than a margin."""
    if share > MOST_MISSING:
        raise broken_off(int(100 * (1 - share)))
    return -int(-100 * share // 1)


def _decode(data: bytes, kind: str, parts: jpeg.Jpeg) -> Image.Image:
    picture = _open(data, kind)
    _reject_too_large(picture, parts)
    if picture.width * picture.height > ENOUGH_PIXELS:
        picture.draft(None, (picture.width // 2, picture.height // 2))
    picture.load()  # the first picture of several
    return picture


def _open(data: bytes, kind: str) -> Image.Image:
    return Image.open(BytesIO(data), formats=[kind])


def _reject_too_large(picture: Image.Image, parts: jpeg.Jpeg | None = None) -> None:
    pixels = picture.width * picture.height
    each = TRANSPARENT if "transparency" in picture.info else BYTES.get(picture.mode, OTHERS)
    if parts is not None:  # halved while it is decoded
        each = 3
        if parts.progressive and parts.sampling:  # all of its coefficients are there at once
            across, down = (max(side) for side in zip(*parts.sampling, strict=True))
            each += 2 * sum(width * height for width, height in parts.sampling) // max(across * down, 1)
    if pixels > MOST_PIXELS or pixels * each > MOST_BYTES:
        raise picture_too_large(picture.width, picture.height)


# -- a plain picture ---------------------------------------------------------------------------------------------------


def _upright(picture: Image.Image) -> Image.Image:
    turn = TURNS.get(_orientation(picture))
    picture = _plain(picture)
    factor = 1
    while picture.width * picture.height > ENOUGH_PIXELS * factor * factor:
        factor += 1
    picture = _on_background(picture.reduce(factor) if factor > 1 else picture)
    return picture.transpose(turn) if turn is not None else picture


def _orientation(picture: Image.Image) -> int:
    """A broken EXIF block does not spoil a good picture: it is upright then."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def _plain(picture: Image.Image) -> Image.Image:
    """In a mode that every program can show: grey or colours, with transparency where it is used."""
    if picture.mode.startswith("I"):  # 16 bits of grey; a plain conversion would cut off all but the darkest
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa"):
        return picture.convert("RGBA")
    if picture.mode in ("L", "RGB", "RGBA", "LA"):
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _on_background(picture: Image.Image) -> Image.Image:
    """On white: what is transparent would be read on whatever a program puts behind it."""
    if picture.mode not in ("LA", "RGBA", "P"):
        return picture
    flat = Image.new("L" if picture.mode == "LA" else "RGB", picture.size, BACKGROUND)
    for top in range(0, picture.height, STRIP):  # so that no second copy of all is needed
        strip = picture.crop((0, top, picture.width, min(top + STRIP, picture.height))).convert("RGBA")
        flat.paste(strip.convert(flat.mode), (0, top), strip.getchannel("A"))
    return flat


def _encode(picture: Image.Image, content_type: str) -> bytes:
    picture.info = {}  # Pillow would write some of it again
    out = BytesIO()
    if content_type == "image/jpeg":
        picture.save(out, "JPEG", quality=90)
    else:
        picture.save(out, "PNG", compress_level=6)
    return out.getvalue()


# -- pictures inside of PDFs -------------------------------------------------------------------------------------------


def bare(data: bytes, filter_name: str) -> bytes:
    """The bytes of a PDF's picture without what programs put beside the pixels. Raises DocumentRejected.

    ``filter_name``: as the PDF calls its packing. Bilevel ones have no room for anything.
    """
    if filter_name in ("/DCTDecode", "/DCT"):
        return jpeg.bare(data)
    return _bare_jpeg2000(data) if filter_name == "/JPXDecode" else data


def _bare_jpeg2000(data: bytes) -> bytes:
    """Of the boxes those that the pixels need."""
    if data.startswith(b"\xff\x4f\xff\x51"):
        return data  # nothing but pixels
    kept: list[bytes] = []
    position = 0
    for _ in range(MOST_BOXES):
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
