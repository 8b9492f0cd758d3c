"""Opening documents: safe pictures, attachments, and an entry in the customer's trail for each opening."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from numbers.documents import preview, storage
from numbers.documents.inspection import limited
from numbers.models import Document, Submission
from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs
from portal.shell.activity import line
from projects.models import AuditEntry
from tests.desk.conftest import LATER
from tests.ops import outages
from tests.support.people import browser_of, sign_in

pytestmark = pytest.mark.django_db


def picture(order, submission, page=1):
    return reverse("admin:desk_picture", args=[order.pk, submission.pk, page])


def download(order, submission):
    return reverse("admin:desk_download", args=[order.pk, submission.pk])


@pytest.fixture(autouse=True)
def _drawn(in_review):
    """As the job does after the inspection of a document that an order has."""
    for submission in in_review[1:]:
        preview.draw(document_id=submission.document_id, pages=[*range(1, submission.document.pages + 1)], width=1100)


def viewed():
    return AuditEntry.objects.filter(action="document.viewed").order_by("id")


def check_headers(answer):
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy.split("; ")
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"


def test_pages_are_shown_as_pictures_that_we_drew(desk, in_review):
    order, address, register = in_review
    for submission in (address, register):
        answer = desk.get(picture(order, submission))
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert answer["Content-Disposition"].startswith("inline")
        check_headers(answer)
        with Image.open(io.BytesIO(answer.content)) as image:
            assert image.format == "PNG"
    url = picture(order, address) + "?size=large"
    waiting = desk.get(url)
    assert (waiting.status_code, waiting["Content-Type"]) == (202, "text/plain; charset=utf-8")
    assert waiting["Refresh"] == f"1; url={picture(order, address)}?size=large&turn=1"
    check_headers(waiting)
    run_due_jobs()
    large = desk.get(url)
    with Image.open(io.BytesIO(large.content)) as image:
        assert image.width > 1100


def test_the_original_is_only_ever_an_attachment(desk, in_review):
    order, address, _ = in_review
    name = 'ev"il\r\nX: y.pdf'
    Document.objects.filter(pk=address.document_id).update(original_name=name)
    answer = desk.get(download(order, address))
    assert answer.content == storage.read(address.document)
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer["Content-Disposition"]
    check_headers(answer)


def test_leafing_through_is_one_opening_and_each_download_is_another(desk, in_review, provisioner):
    order, address, register = in_review
    for page in (1, 2, 1):
        assert desk.get(picture(order, address, page)).status_code == 200
    entry = viewed().get()
    assert (entry.project, entry.subject) == (order.project, address.document.name)
    assert (entry.actor_kind, entry.actor_label, entry.actor_user) == ("staff", "Provisioning team", provisioner)
    assert (entry.data["order"], entry.data["how"]) == (str(order.ref), "preview")
    desk.get(picture(order, register))
    for _ in range(2):
        desk.get(download(order, address))
    assert [each.data["how"] for each in viewed()] == ["preview", "preview", "download", "download"]


def test_another_session_and_another_order_are_other_openings(desk, in_review, bob, order_of, project):
    order, address, _ = in_review
    desk.get(picture(order, address))
    browser_of(bob).get(picture(order, address))
    other = order_of(project, "+493055500200")
    line_ = other.requirements.get(title="Proof of address")
    again = Submission.objects.create(requirement=line_, document=address.document)
    desk.get(picture(other, again))
    assert [each.data["order"] for each in viewed()] == [str(order.ref), str(order.ref), str(other.ref)]


def test_looking_at_the_page_alone_opens_nothing(desk, in_review):
    order, address, _ = in_review
    page = desk.get(reverse("admin:numbers_order_change", args=[order.pk])).content.decode()
    assert "/page/" not in page  # no picture is loaded before somebody asks for one
    opened = desk.get(reverse("admin:numbers_order_change", args=[order.pk]), {"view": address.pk, "page": 2})
    assert picture(order, address, 2) in opened.content.decode()
    assert desk.get(reverse("admin:desk_viewer", args=[order.pk, address.pk])).status_code == 200
    assert not viewed().exists()


def test_the_customer_reads_who_opened_what(desk, in_review, client, owner):
    order, address, _ = in_review
    desk.get(picture(order, address))
    shown = line(viewed().get())
    assert (shown.who, shown.words) == (
        "Provisioning team",
        f"viewed “{address.document.name}” for the order of +49 30 55500100",
    )
    page = sign_in(client, owner).get(f"/projects/{order.project.pid}/").content.decode()
    assert "Provisioning team" in page
    assert shown.words in page


def test_the_viewer_leafs(desk, in_review):
    order, address, _ = in_review
    page = desk.get(reverse("admin:desk_viewer", args=[order.pk, address.pk]), {"page": 1}).content.decode()
    assert "Page 1 of 2" in page
    assert 'rel="next"' in page
    assert 'rel="prev"' not in page
    page = desk.get(reverse("admin:desk_viewer", args=[order.pk, address.pk]), {"page": "99"}).content.decode()
    assert "Page 2 of 2" in page
    assert "<html" not in page


def test_what_is_not_there_cannot_be_opened(desk, in_review):
    order, address, _ = in_review
    for page in (0, 3, 10**30):
        assert desk.get(picture(order, address, 1).replace("/1.png", f"/{page}.png")).status_code == 404
    assert desk.get(picture(order, address) + "?size=9000").status_code == 404
    Document.objects.filter(pk=address.document_id).update(withdrawn_at=LATER)
    for path in (picture(order, address), download(order, address)):
        assert desk.get(path).status_code == 404
    page = desk.get(reverse("admin:numbers_order_change", args=[order.pk]), {"view": address.pk}).content.decode()
    assert "The customer withdrew this document" in page
    assert picture(order, address) not in page
    assert not viewed().exists()


def test_a_file_that_cannot_be_read_is_no_opening(desk, in_review):
    order, address, _ = in_review
    Document.objects.filter(pk=address.document_id).update(wrapped_key="broken")
    for path in (picture(order, address), download(order, address)):
        assert "cannot be opened" in desk.get(path).content.decode()
    assert not viewed().exists()


def test_what_cannot_be_written_down_is_not_shown(desk, in_review):
    """The trail comes before the picture, also while the database takes no writes."""
    order, address, _ = in_review
    desk.raise_request_exception = False
    with outages.read_only_transaction():
        for url in (picture(order, address), download(order, address)):
            answer = desk.get(url)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
            assert b"Nothing can be changed" in answer.content
        assert desk.get(reverse("admin:numbers_order_change", args=[order.pk])).status_code == 200


def test_no_request_draws(desk, in_review, monkeypatch):
    """However long a page takes, its drawing costs a worker and no web server; nothing is opened meanwhile."""
    order, address, _ = in_review
    url, run = picture(order, address) + "?size=large", limited.run
    monkeypatch.setattr(limited, "run", None)
    for _ in range(3):
        assert desk.get(url).status_code == 202
    assert not viewed().exists()
    assert Job.objects.filter(kind="documents.draw", state="queued").count() <= 2  # another one a minute later
    assert "Refresh" not in desk.get(url + "&turn=60")
    monkeypatch.setattr(limited, "run", run)
    run_due_jobs()
    assert desk.get(url).status_code == 200
    assert viewed().count() == 1


def test_a_page_that_takes_too_much_says_so(desk, in_review, monkeypatch):
    order, address, _ = in_review
    url = picture(order, address) + "?size=large"
    desk.get(url)
    ends = "import os, sys; sys.stdin.buffer.read(); os.write(1, b'ready\\n'); os.kill(os.getpid(), 24)"
    monkeypatch.setattr(limited, "START", ends)
    run_due_jobs()
    answer = desk.get(url)
    assert answer.status_code == 422
    assert "Download the file instead" in answer.content.decode()
    assert not viewed().exists()
