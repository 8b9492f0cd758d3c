"""The job that inspects a file: nobody sees the file before, and whatever happens meanwhile, it ends in one way."""

import os
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from numbers.compliance import inspections, submissions
from numbers.console.orders import order_context
from numbers.documents import preview, storage, upload_rules
from numbers.documents.inspection import limited
from numbers.models import Document, Order, Submission
from portal.shell.activity import line
from projects.models import AuditEntry
from tests.documents import hostile
from tests.documents.conftest import NOW, stored
from tests.support import files
from tests.support.people import sign_in
from tests.support.refusals import refused

DAY = timedelta(days=1)


def fresh(document):
    return Document.objects.get(pk=document.pk)


class TestBefore:
    def test_an_upload_opens_nothing(self, send, monkeypatch, folder):
        """Not even a small file: the request ends before any library has looked into it."""
        monkeypatch.setattr(limited, "run", None)
        document = send(files.phone_jpeg(), "a.jpg")
        assert document.is_being_checked
        assert not document.has_passed
        (kept,) = stored(folder)
        assert b"Examplephone" not in kept.read_bytes()
        entry = AuditEntry.objects.get(action__startswith="document")
        assert (entry.action, line(entry).words) == ("document.uploaded", "uploaded the document “Bill of March”")

    def test_nobody_opens_it(self, send, project, owner, client):
        document = send(hostile.link(S="/Launch", F="cmd.exe"), "a.pdf")
        refused("document_being_checked", storage.read, document)
        refused("document_being_checked", preview.page_png, document, 1)
        refused("document_being_checked", lambda: preview.drawn(document, 1, preview.WIDTH, now=NOW))
        page = sign_in(client, owner).get(reverse("numbers:document_download", args=[project.pid, document.ref]))
        assert page.status_code == 409
        assert "still being checked" in page.content.decode()

    def test_no_order_has_it(self, order, send, by, bill):
        document = send()
        line_ = order.requirements.get(title=bill.name)
        assert not Submission.objects.exists()
        refused(
            "document_not_accepted",
            submissions.submit_document,
            order=order,
            requirement=line_,
            document=document,
            by=by,
            now=NOW,
        )
        offered = order_context.requirement_rows(order_context.order_summary(Order.objects.get(pk=order.pk), NOW))
        assert all(document not in each.documents for each in offered)

    def test_it_counts_among_the_documents_and_is_not_replaced(self, send, settings):
        document = send()
        refused("document_being_checked", send, replaces=document)
        settings.DOCUMENTS_PER_PROJECT = 1
        refused("document_limit", send)

    def test_ten_at_once(self, send, work, monkeypatch):
        monkeypatch.setattr(upload_rules, "CHECKED_AT_ONCE", 2)
        send(), send()
        refused("documents_being_checked", send)
        work()
        assert send().is_being_checked

    def test_the_same_file_and_the_same_key(self, send, folder):
        data = files.pdf()
        first = send(data, "a.pdf", upload_key="form-1")
        assert send(data, "a.pdf", upload_key="form-1") == first
        refused("document_already_uploaded", send, data, "b.pdf")
        assert len(stored(folder)) == 1

    def test_the_sweep_and_the_retention_know_it(self, send, folder):
        send()
        (kept,) = stored(folder)
        os.utime(kept, (0, 0))
        assert storage.sweep(now=NOW + DAY) == 0
        assert len(stored(folder)) == 1


class TestAfter:
    def test_what_was_received_gives_way_to_what_came_out(self, send, work, folder):
        data = files.phone_jpeg()
        received = send(data, "a.jpg")
        work()
        kept = fresh(received)
        assert (kept.has_passed, kept.inspected_at) == (True, NOW)
        assert kept.storage_name != received.storage_name
        assert [file.name for file in stored(folder)] == [kept.storage_name]
        clear = storage.read(kept)
        assert b"Examplephone" not in clear
        assert kept.size == len(clear)
        assert kept.sha256 == received.sha256
        entry = AuditEntry.objects.get(action="document.checked")
        assert (line(entry).who, line(entry).words) == (
            "The portal",
            "checked the document “Bill of March”: no problems found",
        )

    def test_twice_is_once(self, send, work, order):
        document = send()
        work()
        name = fresh(document).storage_name
        inspections.inspect(document_id=document.pk, now=NOW + DAY)
        assert (fresh(document).storage_name, Submission.objects.count()) == (name, 1)
        assert AuditEntry.objects.filter(action="document.checked").count() == 1

    def test_a_rejected_one_lets_its_form_send_another(self, send, work, folder, order):
        bad = send(hostile.jpeg_of(65_500, 65_500), "a.jpg", upload_key="form-1")
        work()
        assert fresh(bad).inspection == "refused"
        good = send(upload_key="form-1")
        work()
        assert good != bad
        assert Submission.objects.get().document == good

    def test_a_rejected_replacement_replaces_nothing(self, upload, send, work, order):
        old = upload()
        send(hostile.jpeg_of(65_500, 65_500), "a.jpg", replaces=old)
        work()
        assert fresh(old).has_passed
        assert Submission.objects.get(verdict="pending").document == old

    def test_the_database_keeps_no_rejected_file(self, upload):
        document = upload()
        for given in (
            {"inspection": "refused", "remark": "why"},
            {"inspection": "failed", "purged_at": NOW},
            {"inspection": "?"},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Document.objects.filter(pk=document.pk).update(**given)


class TestMail:
    def test_who_has_gone_hears_why(self, send, work, owner, mailoutbox):
        document = send(hostile.jpeg_of(65_500, 65_500), "a.jpg", name="Photo of my passport")
        work()
        assert not [mail for mail in mailoutbox if "was rejected" in mail.subject]
        for _ in range(2):
            work(NOW + timedelta(minutes=3))
        (mail,) = [mail for mail in mailoutbox if mail.subject == "“Photo of my passport” was rejected"]
        assert mail.to == [owner.email]
        assert fresh(document).remark in mail.body
        assert "65,500 × 65,500 pixels" in mail.body

    def test_who_sent_another_has_seen_it(self, send, work, mailoutbox):
        send(hostile.jpeg_of(65_500, 65_500), "a.jpg")
        work()
        send(now=NOW + timedelta(seconds=30))
        for _ in range(2):
            work(NOW + timedelta(minutes=3))
        assert not [mail for mail in mailoutbox if "was rejected" in mail.subject]
