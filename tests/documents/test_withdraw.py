"""Withdrawing a document: the file goes at once, and orders that counted on it require another one."""

import pytest

from numbers.compliance import uploads
from numbers.documents import storage
from numbers.models import Document, Order, Submission
from projects.models import AuditEntry, Project
from tests.documents.conftest import NEXT_YEAR, NOW, lend, place, stored
from tests.support.refusals import refusal, refused


@pytest.fixture
def withdraw(by, django_capture_on_commit_callbacks):
    def withdraw(document):
        with django_capture_on_commit_callbacks(execute=True):
            return uploads.withdraw(document=document, by=by, now=NOW)

    return withdraw


def test_the_file_is_destroyed_and_nothing_sensitive_stays(upload, withdraw, folder):
    document = upload(name="Bill of March")
    assert len(stored(folder)) == 1
    withdraw(document)
    assert stored(folder) == []
    row = Document.objects.get()
    assert (row.withdrawn_at, row.is_there, row.name) == (NOW, False, "Bill of March")
    assert (row.wrapped_key, row.original_name, row.sha256) == ("", "", "")
    error = refusal(storage.read, row)
    assert (error.code, error.status) == ("document_gone", 410)
    assert AuditEntry.objects.get(action="document.withdrawn").subject == "Bill of March"


def test_the_file_stays_when_the_transaction_is_undone(upload, folder, by):
    """Destroyed after the commit, and not before: here there is none."""
    document = upload()
    uploads.withdraw(document=document, by=by, now=NOW)
    assert len(stored(folder)) == 1


def test_twice_is_harmless(upload, withdraw):
    document = upload()
    withdraw(document)
    withdraw(document)
    assert AuditEntry.objects.filter(action="document.withdrawn").count() == 1


def test_a_pending_one_of_an_order_that_waits_for_documents(order, upload, withdraw):
    document = upload()
    withdraw(document)
    assert Order.objects.get().status == "ordered"
    upload()
    assert Submission.objects.filter(document__withdrawn_at=None).count() == 1


@pytest.mark.parametrize("verdict", ["pending", "accepted"])
@pytest.mark.parametrize("status", ["in_review", "approved"])
def test_not_one_that_is_being_reviewed(status, verdict, order, upload, withdraw, folder):
    document = upload()
    Submission.objects.update(verdict=verdict)
    Order.objects.update(status=status)
    refused("document_in_use", withdraw, document)
    assert Document.objects.get().is_there
    assert len(stored(folder)) == 1


def test_a_rejected_one_of_an_order_in_review(order, upload, withdraw):
    document = upload()
    Submission.objects.update(verdict="rejected", reason="Unreadable")
    Order.objects.update(status="in_review")
    withdraw(document)
    assert Order.objects.get().status == "documents_requested"  # a look at its documents is due anyhow


@pytest.mark.parametrize(
    ("status", "kept"), [("active", True), ("past_due", True), ("suspended", True), ("released", False)]
)
@pytest.mark.usefixtures("spoiled")
def test_not_one_on_whose_strength_a_number_is_held(status, kept, order, upload, withdraw):
    document = upload()
    Submission.objects.update(verdict="accepted")
    Order.objects.update(status="active", closed_at=NOW)
    lend(order, status)
    if kept:
        refused("document_in_use", withdraw, document)
    else:
        assert not withdraw(document).is_there


def test_an_accepted_one_of_an_order_that_still_waits_is_required_again(order, upload, withdraw, passport):
    document = upload()
    Submission.objects.update(verdict="accepted")
    Order.objects.update(status="documents_requested")
    withdraw(document)
    upload(type=passport, expires_on=NEXT_YEAR)
    assert Order.objects.get().status == "documents_requested"


def test_every_order_that_counted_on_it_is_looked_at(project, by, regulation, upload, withdraw):
    """One in two orders: both are locked, both ask again."""
    place(project, by), place(project, by)
    document = upload()
    withdraw(document)
    assert set(Order.objects.values_list("status", flat=True)) == {"ordered"}
    upload()
    assert Submission.objects.filter(document__withdrawn_at=None).count() == 2


def test_not_in_an_archived_project(upload, withdraw):
    document = upload()
    Project.objects.update(status="archived")
    refused("project_archived", withdraw, document)
