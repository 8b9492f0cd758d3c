"""Pictures of pages for the reviewers."""

import os
from io import BytesIO

import pytest
from PIL import Image

from numbers.compliance import uploads
from numbers.documents import preview, storage
from numbers.documents.inspection import limited
from numbers.models import Document
from portal.jobs.models import Job
from tests.documents.conftest import NOW, pictures, stored
from tests.support import files
from tests.support.refusals import refusal, refused


def drawn(document, page=1, **how):
    data = preview.page_png(document, page, **how)
    image = Image.open(BytesIO(data))
    assert image.format == "PNG"
    return image


def colour_pages(*colours):
    sheets = [Image.new("RGB", (595, 842), colour) for colour in colours]
    return files.saved(sheets[0], "PDF", save_all=True, append_images=sheets[1:])


def test_each_page_of_a_pdf(upload):
    document = upload(colour_pages("red", "green", "blue"), "a.pdf")
    assert document.pages == 3
    seen = [drawn(document, page).getpixel((500, 500)) for page in (1, 2, 3)]
    assert [max(range(3), key=lambda part: pixel[part]) for pixel in seen] == [0, 1, 2]


@pytest.mark.parametrize(("given", "got"), [(1100, 1100), (400, 400), (1, 100), (0, 100), (-5, 100), (99_999, 2000)])
def test_the_width_has_bounds(given, got, upload):
    assert drawn(upload(files.pdf(), "a.pdf"), width=given).width in (got, got + 1)


def test_a_very_long_page_is_not_drawn_larger_than_it_helps(upload):
    def stretch(document):
        document.pages[0].obj.MediaBox = [0, 0, 100, 14_000]

    image = drawn(upload(files.pdf(change=stretch), "a.pdf"), width=1000)
    assert image.height <= 3001


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (files.jpeg(size=(2400, 1200)), "a.jpg"),
        (files.png(size=(2400, 1200), mode="RGBA"), "a.png"),
        (files.png(size=(2400, 1200), mode="LA"), "a.png"),
        (files.jpeg(size=(2400, 1200), mode="L"), "a.jpg"),
    ],
)
def test_a_picture_is_reduced(data, name, upload):
    assert drawn(upload(data, name), width=600).size == (600, 300)


def test_one_that_was_kept_with_transparency_is_drawn_on_white(upload):
    """As pictures were kept before; black on black would be read by nobody."""
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 10, 10))
    answer = limited.run("draw", files.saved(image, "PNG"), content_type="image/png", page=1, width=600)
    picture = Image.open(BytesIO(answer.data))
    assert (picture.mode, picture.getpixel((5, 5)), picture.getpixel((50, 30))) == ("RGB", (0, 0, 0), (255, 255, 255))


def test_a_page_of_a_pdf_is_drawn_on_white(upload):
    assert drawn(upload(files.pdf(), "a.pdf")).convert("RGB").getextrema() == ((255, 255),) * 3


def test_a_small_picture_stays_small(upload):
    assert drawn(upload(files.png(size=(50, 40))), width=1100).size == (50, 40)


@pytest.mark.parametrize("page", [0, -1, 2, 10**9])
def test_a_page_that_is_not_there(page, upload):
    document = upload(files.pdf(), "a.pdf")
    error = refusal(preview.page_png, document, page)
    assert (error.code, error.status) == ("document_page_unknown", 404)


class TestKept:
    """Pictures that a job has drawn lie beside the document and share its key and its end."""

    @pytest.fixture
    def drawn_ahead(self, order, upload, work):
        document = upload(colour_pages("red", "green"), "a.pdf")
        work()
        return document

    def test_the_first_pages_of_what_an_order_has(self, drawn_ahead, folder):
        names = [path.name for path in pictures(folder)]
        assert names == [f"{drawn_ahead.storage_name}.{page}.1100" for page in (1, 2)]
        assert not any(b"PNG" in path.read_bytes()[:100] for path in pictures(folder))
        picture = preview.drawn(drawn_ahead, 2, 1100, now=NOW)
        assert Image.open(BytesIO(picture)).size[0] in (1100, 1101)

    def test_not_of_one_that_no_order_needs(self, upload, work, folder):
        upload(colour_pages("red"), "a.pdf")
        work()
        assert pictures(folder) == []

    def test_others_when_they_are_looked_at(self, drawn_ahead, work, folder):
        for _ in range(2):
            assert preview.drawn(drawn_ahead, 2, 2000, now=NOW) is None
        assert Job.objects.filter(kind="documents.draw", state="queued").count() == 1
        work()
        assert Image.open(BytesIO(preview.drawn(drawn_ahead, 2, 2000, now=NOW))).size[0] in (2000, 2001)

    def test_a_lost_one_is_drawn_again(self, drawn_ahead, work, folder):
        for path in pictures(folder):
            path.unlink()
        assert preview.drawn(drawn_ahead, 1, 1100, now=NOW) is None
        work()
        assert preview.drawn(drawn_ahead, 1, 1100, now=NOW)

    def test_they_are_swept_when_their_document_is_gone_and_not_before(self, drawn_ahead, folder):
        for path in pictures(folder):
            os.utime(path, (0, 0))
        assert storage.sweep(now=NOW) == 0
        Document.objects.update(storage_name="another")
        assert storage.sweep(now=NOW) == 3  # and the file itself

    def test_they_go_with_their_document(self, drawn_ahead, folder, by, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            document = uploads.withdraw(document=drawn_ahead, by=by, now=NOW)
        assert (stored(folder), pictures(folder)) == ([], [])
        refused("document_gone", preview.drawn, document, 1, 1100, now=NOW)

    def test_one_that_is_withdrawn_meanwhile_is_not_drawn(
        self, drawn_ahead, work, by, folder, django_capture_on_commit_callbacks
    ):
        assert preview.drawn(drawn_ahead, 2, 2000, now=NOW) is None
        with django_capture_on_commit_callbacks(execute=True):
            uploads.withdraw(document=drawn_ahead, by=by, now=NOW)
        work()
        assert pictures(folder) == []
        assert Job.objects.filter(kind="documents.draw", state="queued").count() == 0


def test_a_document_that_was_withdrawn(upload, by):
    document = uploads.withdraw(document=upload(), by=by, now=NOW)
    refused("document_gone", preview.page_png, document, 1)
