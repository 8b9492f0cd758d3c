"""The upload form, sent again: its key, replacements, withdrawing documents, downloads."""

import re
from io import BytesIO

from django.urls import reverse
from django.utils import timezone
from PIL import Image

from numbers.documents import storage
from numbers.models import Document, Order, Submission
from numbers.orders import closing
from portal.jobs.outbox import run_due_jobs
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.documents.pages import order, order_cards, page_of, rows, send, submitted
from tests.ops import outages
from tests.support.documents import make_document
from tests.support.files import png
from tests.support.pages import text


def test_the_key_stays_while_mistakes_are_mended(customer, project, types):
    answer = send(customer, project, name="", upload_key="a" * 32)
    assert f'value="{"a" * 32}"' in answer.content.decode()
    answer = send(customer, project, name="", upload_key="x")
    assert re.search(r'name="upload_key" value="[0-9a-f]{32}"', answer.content.decode())


def test_an_order_that_ended_meanwhile(customer, project, germany):
    found = order(project)
    closing.cancel_order(order=found, by=SYSTEM, now=timezone.now())
    answer = send(customer, project, order=found.ref, use_for="order")
    assert answer.status_code == 422
    assert "The order no longer accepts documents." in text(answer)
    assert str(found.ref) not in answer.content.decode()
    assert send(customer, project, order=found.ref, use_for="all").status_code == 302


def test_a_replacement(customer, project, germany):
    found = order(project)
    send(customer, project)
    run_due_jobs()
    old = Document.objects.get()
    send(customer, project, png("better"), name="Better bill", replaces=old.ref)
    run_due_jobs()
    new = Document.objects.get(name="Better bill")
    assert new.replaces == old
    assert [each.document_id for each in Submission.objects.filter(requirement__order=found, verdict="pending")][
        -1
    ] == new.pk
    assert dict(rows(page_of(customer, project)))["Bill of March"].startswith("Replaced")
    answer = send(customer, project, png("third"), replaces="00000000-0000-0000-0000-000000000007")
    assert "The document you wanted to replace no longer exists." in text(answer)


# -- taking back and downloading --------------------------------------------------------------------------------


def test_taking_back(customer, project, germany):
    found = order(project)
    send(customer, project)
    run_due_jobs()
    document = Document.objects.get()
    address = reverse("numbers:document_withdraw", args=[project.pid, document.ref])
    assert "“Bill of March” was withdrawn; its file was deleted." in text(customer.post(address, follow=True))
    assert dict(rows(page_of(customer, project)))["Bill of March"].startswith("Deleted")
    assert "Proof of address Missing" in order_cards(page_of(customer, project))[0]
    submitted(found, 0, make_document(project, "passport"))
    send(customer, project, png("again"), name="Again")
    run_due_jobs()
    assert Order.objects.get().status == "in_review"
    again = Document.objects.get(name="Again")
    answer = customer.post(reverse("numbers:document_withdraw", args=[project.pid, again.ref]), follow=True)
    assert "This document is in use." in text(answer)
    again.refresh_from_db()
    assert again.is_there


def test_a_download_is_safe_private_and_recorded(customer, project, owner, types):
    send(customer, project, filename="Größe “7”.png")
    run_due_jobs()
    document = Document.objects.get()
    answer = customer.get(reverse("numbers:document_download", args=[project.pid, document.ref]))
    assert Image.open(BytesIO(answer.content)).size == (300, 200)
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "private, no-store"
    entry = AuditEntry.objects.get(action="document.downloaded")
    assert (entry.actor_user, entry.subject, entry.data["document"]) == (owner, "Bill of March", str(document.ref))
    assert "downloaded the document “Bill of March”" in text(customer.get(reverse("dashboard", args=[project.pid])))


def test_the_log_keeps_who_downloaded_it_while_the_trail_takes_nothing(customer, project, owner, types, caplog):
    send(customer, project)
    run_due_jobs()
    document = Document.objects.get()
    with outages.read_only_transaction():
        answer = customer.get(reverse("numbers:document_download", args=[project.pid, document.ref]))
    assert (answer.status_code, answer.content) == (200, storage.read(document))
    lost = [record for record in caplog.records if getattr(record, "what", "") == "document.downloaded"]
    assert [(record.document, record.user_id) for record in lost] == [(str(document.ref), owner.pk)]


def test_what_is_gone_cannot_be_downloaded(customer, project, types):
    document = make_document(project, "bill", withdrawn_at=timezone.now())
    address = reverse("numbers:document_download", args=[project.pid, document.ref])
    assert customer.get(address).status_code == 410
    assert address not in page_of(customer, project).content.decode()
    assert customer.head(address).status_code == 405
    assert not AuditEntry.objects.filter(action="document.downloaded").exists()
