"""Files as honest people make them; the hostile ones are in :mod:`tests.documents.hostile`."""

import random
import struct
import zlib
from io import BytesIO

import pikepdf
from PIL import Image, ImageDraw, PngImagePlugin

from numbers.documents.inspection import limited

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def picture(size=(300, 200), mode="RGB", text="paper"):
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((10, 10), text, fill="black")
    return image.convert(mode)


def saved(image, kind, **options):
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(text="paper", mode="RGB", size=(300, 200), **options):
    return saved(picture(size, mode, text), "PNG", **options)


def jpeg(text="paper", mode="RGB", size=(300, 200), **options):
    return saved(picture(size, mode, text), "JPEG", **options)


def noise(size, kind="JPEG"):
    return saved(Image.frombytes("RGB", size, random.Random(7).randbytes(size[0] * size[1] * 3)), kind)


def phone_jpeg():
    """600 wide and 400 high as stored, to be turned by a quarter, with the place where it was taken."""
    image = picture((600, 400))
    ImageDraw.Draw(image).rectangle((0, 0, 60, 60), fill="red")  # the corner that the turn moves
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Examplephone"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return saved(image, "JPEG", exif=exif)


def video():
    """What a phone puts behind a motion photo."""
    inside = random.Random(3).randbytes(40_000)
    return struct.pack(">I", 24) + b"ftypmp42\0\0\0\0mp42isom" + struct.pack(">I", 8 + len(inside)) + b"mdat" + inside


def png_chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with(*chunks):
    """A PNG with further chunks before its pixels."""
    data = png()
    begin = data.index(b"IDAT") - 4
    return data[:begin] + b"".join(png_chunk(name, content) for name, content in chunks) + data[begin:]


def png_with_text(**texts):
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    return png(pnginfo=info)


def jpeg_with(marker, content):
    """A JPEG with one more segment at its beginning."""
    data = jpeg()
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + data[2:]


def pdf(pages=1, change=None, **options):
    """``change(document)`` may do anything to it before it is written."""
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(595, 842))
        if change is not None:
            change(document)
        out = BytesIO()
        document.save(out, **options)
    return out.getvalue()


def rebuilt_pdf(pages=1):
    """One that has been through the inspection, which therefore leaves it as it is."""
    return limited.run("inspect", pdf(pages), name="a.pdf").data


def scanned_pdf(pages=2):
    sheets = [picture((800, 1100), text=f"sheet {number}") for number in range(pages)]
    return saved(sheets[0], "PDF", save_all=True, append_images=sheets[1:])
