"""Files that people really have: not as the books say, and accepted all the same, as nothing of them survives."""

import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from numbers.documents import storage
from numbers.documents.rejections import DocumentRejected
from tests.documents import dangers, hostile
from tests.support import files

CASES = Path(__file__).parent / "cases"
PHOTO = (640, 480)


def photo(size=PHOTO, mode="RGB"):
    """Something in every block of it; the same each time."""
    small = size[0] // 8, size[1] // 8
    image = Image.frombytes("L", small, random.Random(5).randbytes(small[0] * small[1])).resize(size).convert("RGB")
    ImageDraw.Draw(image).rectangle((0, 0, size[0], 20), fill="white")
    return image.convert(mode)


def jpeg(**options):
    return files.saved(photo(), "JPEG", **options)


def png(mode="RGB", **options):
    return files.saved(photo(mode=mode), "PNG", **options)


def kept(document):
    return Image.open(BytesIO(storage.read(document)))


def alike(one, other):
    """Both pictures show the same, as far as writing a JPEG again lets them."""
    pairs = zip(one.convert("L").resize((32, 24)).tobytes(), other.convert("L").resize((32, 24)).tobytes(), strict=True)
    return one.size == other.size and max(abs(a - b) for a, b in pairs) < 24


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("*.pdf")))
def test_pdfs_that_every_viewer_opens(case, upload):
    document = upload((CASES / case).read_bytes(), case)
    clear = storage.read(document)
    assert (document.content_type, document.original_name, document.remark) == ("application/pdf", case, "")
    assert dangers.of(clear) == []
    assert not any(sign in clear for sign in (b"factur", b"AFDate", b"/Encrypt", b"junk"))


class TestWithoutAnEnd:
    """The last bytes of a picture got lost on the way."""

    def test_the_case(self, upload):
        document = upload((CASES / "jpeg_missing_eoi.jpg").read_bytes(), "jpeg_missing_eoi.jpg")
        assert storage.read(document).endswith(b"\xff\xd9")
        assert document.remark == ""

    @pytest.mark.parametrize("lost", [1, 2, 3])
    @pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
    def test_jpegs(self, how, lost, upload):
        data = jpeg(**how)
        document = upload(data[:-lost], "a.jpg")
        assert alike(kept(document), Image.open(BytesIO(data)))
        assert document.remark == ""

    @pytest.mark.parametrize("mode", ["L", "CMYK"])
    def test_jpegs_of_other_colours(self, mode, upload):
        assert alike(kept(upload(files.saved(photo(mode=mode), "JPEG")[:-2], "a.jpg")), photo())

    @pytest.mark.parametrize("lost", [1, 5, 12])
    def test_pngs(self, lost, upload):
        document = upload(png()[:-lost], "a.png")
        assert kept(document).tobytes() == photo().tobytes()
        assert document.remark == ""

    def test_a_margin_may_be_missing_and_its_owner_reads_so(self, upload):
        data = png()
        document = upload(data[: -len(data) // 50], "a.png")
        assert "the lowest 3 % of the picture is missing" in document.remark
        sharp = files.saved(photo((640, 2000)), "JPEG")
        assert "of the picture is missing" in upload(sharp[: -len(sharp) // 60], "a.jpg").remark

    @pytest.mark.parametrize("share", [10, 50, 90])
    @pytest.mark.parametrize(("make", "name"), [(jpeg, "a.jpg"), (png, "a.png")])
    def test_one_that_is_half_grey_is_of_no_use(self, make, name, share, upload):
        data = make()
        with pytest.raises(DocumentRejected, match=r"only the upper \d+ % of it arrived") as caught:
            upload(data[: -len(data) * share // 100], name)
        assert caught.value.code == "document_malformed"

    def test_one_that_is_blurred_all_over_is_of_no_use(self, upload):
        data = jpeg(progressive=True)
        with pytest.raises(DocumentRejected, match="most of its details are missing"):
            upload(data[: len(data) // 8], "a.jpg")

    def test_one_that_lacks_but_the_last_sharpness(self, upload):
        data = jpeg(progressive=True)
        assert alike(kept(upload(data[: -len(data) // 20], "a.jpg")), photo())

    @pytest.mark.parametrize("company", [hostile.archive(), hostile.SCRIPT, hostile.PHP])
    def test_it_hides_nothing_behind_the_pixels(self, company, upload):
        with pytest.raises(DocumentRejected) as caught:
            upload(jpeg()[:-2] + company, "a.jpg")
        assert caught.value.code == "document_foreign_content"

    @pytest.mark.parametrize("cut", [b"%%EOF", b"startxref"])
    def test_pdfs_whose_objects_are_all_there(self, cut, upload):
        data = files.scanned_pdf()
        assert upload(data[: data.rindex(cut)], "a.pdf").pages == 2


class TestNames:
    """The content says what a file is."""

    @pytest.mark.parametrize(
        ("make", "sent", "name"),
        [
            (png, "Passport.jpg", "Passport.png"),
            (png, "Passport.PDF", "Passport.png"),
            (jpeg, "scan.png", "scan.jpg"),
            (jpeg, "IMG_0001.HEIC", "IMG_0001.jpg"),
            (jpeg, "a.tiff", "a.jpg"),
            (files.pdf, "bill.jpeg", "bill.pdf"),
            (files.pdf, "bill.docx", "bill.pdf"),
        ],
    )
    def test_a_wrong_ending_is_put_right_and_its_owner_reads_so(self, make, sent, name, upload):
        document = upload(make(), sent)
        assert document.original_name == name
        assert f"The name ended in .{sent.rpartition('.')[2].lower()}, but the file is a" in document.remark
        assert f"we keep it with the ending .{name.rpartition('.')[2]}" in document.remark

    @pytest.mark.parametrize(
        ("make", "sent", "name"),
        [
            (jpeg, "A.JPG", "A.jpg"),
            (files.pdf, "BILL.PDF", "BILL.pdf"),
            (png, "scan", "scan.png"),
            (jpeg, "Passport v2.1", "Passport v2.1.jpg"),
            (files.pdf, "Dr. Example", "Dr. Example.pdf"),
            (files.pdf, "download.tmp", "download.tmp.pdf"),
        ],
    )
    def test_one_without_an_ending_gets_it(self, make, sent, name, upload):
        document = upload(make(), sent)
        assert (document.original_name, document.remark) == (name, "")

    def test_the_case(self, upload):
        document = upload((CASES / "really_png.jpg").read_bytes(), "really_png.jpg")
        assert (document.content_type, document.original_name) == ("image/png", "really_png.png")

    @pytest.mark.parametrize("ending", ["exe", "html", "js", "svg", "zip", "php"])
    def test_one_of_a_program_stays_rejected(self, ending, upload):
        with pytest.raises(DocumentRejected, match=f"ends in .{ending}, as programs and web pages do") as caught:
            upload(files.pdf(), f"invoice.pdf.{ending}")
        assert caught.value.code == "document_extension_wrong"


class TestOnPaper:
    """What is transparent is white, in what is kept and in what reviewers see."""

    def darkest(self, picture):
        assert picture.mode in ("L", "RGB")
        return picture.convert("L").getextrema()

    def test_the_case(self, upload):
        document = upload((CASES / "png_transparent_black_text.png").read_bytes(), "a.png")
        low, high = self.darkest(kept(document))
        assert (low < 40, high) == (True, 255)

    @pytest.mark.parametrize(
        ("mode", "options"),
        [
            ("RGBA", {}),
            ("LA", {}),
            ("P", {"transparency": 0}),
            ("P", {"transparency": bytes([0, 255])}),
            ("RGB", {"transparency": (255, 255, 255)}),
            ("L", {"transparency": 255}),
            ("1", {"transparency": 1}),
        ],
    )
    def test_of_every_mode(self, mode, options, upload):
        if mode in ("RGBA", "LA"):
            image = Image.new(mode, (64, 32), (0,) * len(mode))
            ImageDraw.Draw(image).rectangle((0, 0, 8, 8), fill=(0,) * (len(mode) - 1) + (255,))
        elif mode == "P":
            image = Image.new("P", (64, 32), 0)
            image.putpalette([255, 0, 255, 0, 0, 0])
            ImageDraw.Draw(image).rectangle((0, 0, 8, 8), fill=1)
        else:
            image = Image.new("RGB", (64, 32), "white").convert(mode)
            ImageDraw.Draw(image).rectangle((0, 0, 8, 8), fill=0)
        picture = kept(upload(files.saved(image, "PNG", **options), "a.png")).convert("RGB")
        assert picture.getpixel((4, 4)) == (0, 0, 0)
        assert picture.getpixel((40, 20)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: files.saved(photo(), "MPO", save_all=True, append_images=[photo()]), "a.jpg"),
        (lambda: jpeg(icc_profile=b"p" * 3_000_000), "a.jpg"),
        (lambda: png(icc_profile=b"p" * 3_000_000), "a.png"),
        (lambda: files.png_with((b"tEXt", b"a\0b")).replace(b"tEXta\0b", b"tEXta\0c"), "a.png"),
    ],
    ids=["two pictures", "profile in a JPEG", "profile in a PNG", "text with a wrong sum"],
)
def test_pictures_of_every_make(make, name, upload):
    assert kept(upload(make(), name)).mode == "RGB"


def test_the_orientation_of_a_png(upload):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert kept(upload(png(exif=exif), "a.png")).size == (480, 640)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: files.jpeg(size=(8192, 6144)), "a.jpg"),
        (lambda: files.jpeg(size=(8192, 6144), progressive=True, subsampling=0), "a.jpg"),
        (lambda: files.jpeg(size=(8192, 6144))[:-2], "a.jpg"),
        (lambda: files.jpeg(size=(12000, 9000)), "a.jpg"),
        (lambda: files.png(size=(8192, 6144), mode="RGBA"), "a.png"),
        (lambda: files.saved(Image.new("I;16", (8192, 6144), 40_000), "PNG"), "a.png"),
        (lambda: files.png(size=(9921, 14031), mode="1"), "a.png"),
    ],
    ids=[
        "50 MP",
        "50 MP progressive",
        "50 MP without end",
        "108 MP",
        "50 MP with transparency",
        "50 MP of 16 bits",
        "A3 with 600 dpi",
    ],
)
def test_large_ones_are_accepted_and_reduced(make, name, upload):
    width, height = kept(upload(make(), name)).size
    assert 9_000_000 / 2 < width * height <= 24_000_000


@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (lambda: files.saved(photo(), "TIFF"), "a.tif", "TIFF picture.*save it as JPEG or PNG"),
        (lambda: files.saved(photo(), "WEBP"), "a.webp", "WebP picture.*save it as JPEG or PNG"),
        (lambda: files.saved(photo(), "AVIF"), "a.heic", "AVIF picture.*save it as JPEG or PNG"),
        (lambda: hostile.archive(), "a.zip", "ZIP archive.*Unpack it"),
        (lambda: hostile.docx(), "a.docx", "Word document.*Save it as PDF"),
        (lambda: b"My passport\n", "a.txt", "do not accept this kind of file. Upload a PDF"),
    ],
)
def test_what_is_rejected_says_what_to_do(make, name, words, upload):
    with pytest.raises(DocumentRejected, match=words) as caught:
        upload(make(), name)
    assert caught.value.code == "document_type_unknown"
