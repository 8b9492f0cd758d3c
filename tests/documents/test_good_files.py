"""What honest people send is kept: PDFs built anew, pictures written anew, upright and without their metadata."""

import hashlib
import struct
import zlib
from io import BytesIO

import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from numbers.documents import storage
from tests.documents import dangers
from tests.documents.conftest import stored
from tests.support import files


def opened(document):
    return Image.open(BytesIO(storage.read(document)))


@pytest.mark.parametrize(
    "make",
    [
        files.scanned_pdf,
        lambda: files.pdf(50),
        lambda: files.pdf(linearize=True),
        lambda: files.pdf() + b"\r\n\0\0 \n",
        lambda: files.pdf(
            change=lambda document: document.Root.__setattr__("OpenAction", Array([document.pages[0].obj, Name.Fit]))
        ),
    ],
    ids=["scan", "fifty pages", "linearized", "white space at its end", "opens at a page"],
)
def test_a_pdf_is_kept_as_it_looks(make, upload):
    data = make()
    document = upload(data, "Scan 12.PDF")
    clear = storage.read(document)
    assert dangers.of(clear) == []
    with pypdfium2.PdfDocument(data) as sent, pypdfium2.PdfDocument(clear) as kept:
        assert [page.render().to_pil().tobytes() for page in sent] == [
            page.render().to_pil().tobytes() for page in kept
        ]
    assert (document.content_type, document.original_name, document.size) == (
        "application/pdf",
        "Scan 12.pdf",
        len(clear),
    )
    assert document.sha256 == hashlib.sha256(data).hexdigest()


def test_a_pdf_tells_its_pages(upload):
    assert upload(files.pdf(7), "a.pdf").pages == 7


def test_links_and_outlines_do_no_harm(upload):
    def link(document):
        note = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([0, 0, 9, 9]),
            A=Dictionary(S=Name.URI, URI=String("https://registry.example/extract")),
        )
        document.pages[0].obj.Annots = Array([document.make_indirect(note)])

    assert upload(files.pdf(change=link), "a.pdf").pages == 1


def test_a_phones_photo_is_turned_and_loses_its_place(upload):
    data = files.phone_jpeg()
    assert b"Examplephone" in data
    document = upload(data, "IMG_0001.JPG")
    kept = opened(document)
    assert kept.size == (400, 600)
    red, _, blue = kept.getpixel((390, 10))  # a quarter turn to the right
    assert (red > 200, blue < 60) == (True, True)
    assert dict(kept.getexif()) == {}
    assert b"Exif" not in storage.read(document)
    assert document.content_type == "image/jpeg"


@pytest.mark.parametrize("turn", range(2, 9))
def test_every_orientation_is_set_right(turn, upload):
    image = Image.new("RGB", (64, 32), "white")
    image.paste("red", (0, 0, 16, 16))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[turn]
    exif = Image.Exif()
    exif[0x0112] = turn
    kept = opened(upload(files.saved(image.transpose(undo), "JPEG", exif=exif, quality=95), "a.jpg"))
    assert kept.size == (64, 32)
    assert kept.getpixel((4, 4))[1] < 80 < kept.getpixel((60, 28))[1]


@pytest.mark.parametrize(
    ("data", "name", "mode"),
    [
        (files.png(mode="RGBA"), "a.png", "RGB"),
        (files.png(mode="LA"), "a.png", "L"),
        (files.png(mode="P"), "a.png", "RGB"),
        (files.png(mode="1"), "a.png", "L"),
        (files.png(mode="L"), "a.png", "L"),
        (files.saved(Image.new("I;16", (20, 20), 40_000), "PNG"), "a.png", "L"),
        (files.jpeg(mode="L"), "a.jpeg", "L"),
        (files.jpeg(mode="CMYK"), "a.jpe", "RGB"),
        (files.jpeg(progressive=True), "a.jfif", "RGB"),
        (files.jpeg(exif=b"Exif\0\0broken"), "a.jpg", "RGB"),
    ],
    ids=[
        "alpha",
        "grey with alpha",
        "palette",
        "bits",
        "grey",
        "16 bits",
        "grey JPEG",
        "CMYK",
        "progressive",
        "broken EXIF",
    ],
)
def test_pictures_of_all_modes(data, name, mode, upload):
    assert opened(upload(data, name)).mode == mode


def test_grey_of_16_bits_stays_visible(upload):
    document = upload(files.saved(Image.new("I;16", (20, 20), 128 * 256), "PNG"), "a.png")
    assert 120 < opened(document).getpixel((5, 5)) < 136


def test_the_transparent_becomes_white(upload):
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert opened(upload(files.saved(image, "PNG"), "a.png")).getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize(
    "behind",
    [
        files.video(),
        b"\0" * 5000,
        files.jpeg(text="second exposure"),
        b"\0\0\x01\x0aMotionPhoto_Data" + files.video() + b"SEFH\x6a\0\0\0SEFT",
    ],
    ids=["video", "padding", "second picture", "motion photo"],
)
def test_what_phones_put_behind_a_photo_falls_away(behind, upload):
    document = upload(files.jpeg() + behind, "a.jpg")
    assert behind[:40] not in storage.read(document)
    assert storage.read(document).endswith(b"\xff\xd9")


def test_texts_and_profiles_of_a_png_fall_away(upload):
    document = upload(files.png_with_text(Author="Ada Example", Comment="holiday"), "a.png")
    assert b"Ada Example" not in storage.read(document)
    assert opened(document).info == {}


def test_comments_and_profiles_fall_away(upload):
    jpeg = upload(files.jpeg(comment=b"taken at home", icc_profile=b"a profile of mine" * 10), "a.jpg")
    png = upload(files.png(icc_profile=b"a profile of mine" * 10), "a.png")
    assert b"taken at home" not in storage.read(jpeg)
    assert b"ICC_PROFILE" not in storage.read(jpeg)
    assert b"iCCP" not in storage.read(png)


def test_only_the_first_picture_of_an_animation_is_kept(upload):
    frames = [files.picture(text=text) for text in ("one", "two")]
    data = files.saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert b"acTL" in data
    assert b"acTL" not in storage.read(upload(data, "a.png"))


def test_a_very_large_photo_is_halved(upload):
    document = upload(files.jpeg(size=(8000, 6000)), "a.jpg")
    assert opened(document).size == (4000, 3000)


def test_a_very_large_png_is_halved(upload):
    assert opened(upload(files.png(size=(7000, 7000), mode="RGBA"), "a.png")).size == (3500, 3500)


def test_pixels_are_not_searched_for_signs(upload):
    """By chance any five bytes occur in them; here they are put there on purpose."""
    rows = b"".join(b"\0" + b"<script>PK\x03\x04\x14\0<?php".ljust(64) for _ in range(4))
    data = (
        b"\x89PNG\r\n\x1a\n"
        + files.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 4, 8, 0, 0, 0, 0))
        + files.png_chunk(b"IDAT", zlib.compress(rows, 0))
        + files.png_chunk(b"IEND", b"")
    )
    assert b"<script>" in data
    assert opened(upload(data, "a.png")).size == (64, 4)


def test_what_is_stored_does_not_hold_what_was_sent(upload, folder):
    data = files.scanned_pdf()
    upload(data, "a.pdf")
    (file,) = stored(folder)
    sealed = file.read_bytes()
    assert b"%PDF" not in sealed
    assert not any(data[start : start + 16] in sealed for start in range(0, len(data) - 16, 97))
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
