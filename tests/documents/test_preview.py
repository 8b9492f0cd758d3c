"""Pictures of pages for the reviewers."""

from io import BytesIO

import pytest
from PIL import Image

from numbers.documents import preview, services
from projects.errors import DomainError
from tests.documents import files
from tests.documents.conftest import NOW


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


@pytest.mark.parametrize(("asked", "got"), [(1100, 1100), (400, 400), (1, 100), (0, 100), (-5, 100), (99_999, 2000)])
def test_the_width_has_bounds(asked, got, upload):
    assert drawn(upload(files.pdf(), "a.pdf"), width=asked).width in (got, got + 1)


def test_a_very_long_page_is_not_drawn_larger_than_it_helps(upload):
    def stretch(document):
        document.pages[0].obj.MediaBox = [0, 0, 100, 14_000]

    image = drawn(upload(files.pdf(change=stretch), "a.pdf"), width=1000)
    assert image.height <= 3001


@pytest.mark.parametrize(("data", "name"), [
    (files.jpeg(size=(2400, 1200)), "a.jpg"), (files.png(size=(2400, 1200), mode="RGBA"), "a.png"),
    (files.png(size=(2400, 1200), mode="LA"), "a.png"), (files.jpeg(size=(2400, 1200), mode="L"), "a.jpg"),
])
def test_a_picture_is_reduced(data, name, upload):
    assert drawn(upload(data, name), width=600).size == (600, 300)


def test_a_small_picture_stays_small(upload):
    assert drawn(upload(files.png(size=(50, 40))), width=1100).size == (50, 40)


@pytest.mark.parametrize("page", [0, -1, 2, 10**9])
def test_a_page_that_is_not_there(page, upload):
    document = upload(files.pdf(), "a.pdf")
    with pytest.raises(DomainError) as caught:
        preview.page_png(document, page)
    assert (caught.value.code, caught.value.status) == ("document_page_unknown", 404)


def test_a_document_that_was_taken_back(upload, by):
    document = services.withdraw(document=upload(), by=by, now=NOW)
    with pytest.raises(DomainError) as caught:
        preview.page_png(document, 1)
    assert caught.value.code == "document_gone"
