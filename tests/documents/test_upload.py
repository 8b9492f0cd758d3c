"""Uploading: what a document needs, which orders get it, and that it is stored once."""

from datetime import date, timedelta

import pytest

from numbers.compliance import open_orders, uploads
from numbers.models import Document, DocumentType, Order, Submission
from numbers.orders.closing import cancel_order
from portal.core.errors import DomainError
from portal.shell.activity import line
from projects.models import AuditEntry, Project
from tests.documents.conftest import NEXT_YEAR, NOW, TODAY, place, stored
from tests.support import files
from tests.support.crowd import at_once
from tests.support.projects import make_project
from tests.support.purchases import status_of
from tests.support.refusals import refusal


def refused_at(act, **given):
    """Code and field of the refusal."""
    error = refusal(act, **given)
    return error.code, error.field


def test_it_is_kept_with_what_is_known_of_it(project, owner, by, upload, passport):
    document = upload(files.scanned_pdf(3), "Pass.pdf", name="  Passport  of Ada ", type=passport, expires_on=NEXT_YEAR)
    row = Document.objects.get()
    assert row == document
    assert (row.project, row.type, row.name, row.expires_on) == (project, passport, "Passport of Ada", NEXT_YEAR)
    assert (row.original_name, row.pages, row.uploaded_by, row.uploaded_at) == ("Pass.pdf", 3, owner, NOW)
    assert row.is_there
    entry = AuditEntry.objects.get(action="document.uploaded")
    assert (entry.subject, entry.actor_user_id, entry.data["document"]) == ("Passport of Ada", owner.pk, str(row.ref))
    assert line(entry).words == "uploaded the document “Passport of Ada”"


class TestOrders:
    def test_the_last_missing_document_moves_an_order_to_review(self, order, upload, passport):
        upload()
        assert status_of(order) == "ordered"
        upload(type=passport, expires_on=NEXT_YEAR)
        moved = Order.objects.get(pk=order.pk)
        assert (moved.status, moved.submitted_at) == ("in_review", NOW)

    def test_every_open_order_that_misses_it_gets_it(self, project, by, regulation, upload):
        orders = [place(project, by), place(project, by), place(project, by)]
        cancel_order(order=orders[2], by=by, now=NOW)
        document = upload()
        given = Submission.objects.filter(document=document).values_list("requirement__order", flat=True)
        assert set(given) == {orders[0].pk, orders[1].pk}
        entry = AuditEntry.objects.get(action="document.checked")
        assert set(entry.data["orders"]) == {str(orders[0].ref), str(orders[1].ref)}

    def test_only_requirements_that_accept_its_type_and_miss_one(self, order, upload, bill):
        first, second = upload(), upload()
        assert Submission.objects.get().document == first
        assert Submission.objects.get().requirement.title == bill.name
        assert second.is_there

    def test_a_line_that_wants_two_gets_two(self, order, upload, bill):
        order.requirements.filter(title=bill.name).update(count=2)
        upload(), upload(), upload()
        assert Submission.objects.count() == 2

    def test_only_the_order_it_is_for(self, project, by, regulation, upload):
        first, second = place(project, by), place(project, by)
        upload(only_for=second)
        assert Submission.objects.get().requirement.order == second
        assert first.requirements.filter(submissions=None).count() == 2

    def test_not_another_projects_order(self, order, regulation, upload, by, other_project):
        upload(project=other_project, only_for=order)
        assert Submission.objects.count() == 0

    def test_a_rejected_one_is_followed_by_another(self, order, upload, passport):
        upload(type=passport, expires_on=NEXT_YEAR)
        upload()
        Submission.objects.filter(document__type=passport).update(verdict="rejected", reason="Too dark")
        Order.objects.filter(pk=order.pk).update(status="documents_requested")
        upload(type=passport, expires_on=NEXT_YEAR)
        assert status_of(order) == "in_review"
        assert Submission.objects.filter(document__type=passport).count() == 2

    def test_the_same_file_serves_a_later_order(self, order, project, by, upload):
        data = files.pdf(2)
        first = upload(data, "a.pdf")
        later = place(project, by)
        again = upload(data, "a.pdf", name="Once more")
        assert again == first
        assert set(Submission.objects.values_list("requirement__order", flat=True)) == {order.pk, later.pk}
        assert AuditEntry.objects.get(action="document.offered").data["orders"] == [str(later.ref)]

    @pytest.mark.race
    @pytest.mark.django_db(transaction=True)
    def test_an_order_placed_at_the_same_moment_is_seen(self, project, by, regulation, send, work, monkeypatch):
        """Between the locks of the orders and of the project a new order slips in: look again."""
        slipped, plain, looks, lock = [], Project.objects.select_for_update, [], open_orders.lock_open_orders
        document = send()

        def watched(project_id):
            looks.append(lock(project_id))
            return looks[-1]

        def late(*args, **kwargs):
            if not slipped:
                slipped.append(None)
                (slipped[0],) = at_once([lambda: place(project, by)])
            return plain(*args, **kwargs)

        monkeypatch.setattr(Project.objects, "select_for_update", late)
        monkeypatch.setattr(open_orders, "lock_open_orders", watched)
        work()
        document.refresh_from_db()
        assert document.has_passed
        assert looks == [None, slipped]  # never settled without its own lock
        assert Submission.objects.get().requirement.order == slipped[0]


class TestOnce:
    def test_the_same_key_stores_once(self, upload, folder):
        first = upload(upload_key="form-1")
        assert upload(upload_key="form-1") == first
        assert (Document.objects.count(), len(stored(folder))) == (1, 1)

    def test_the_key_of_another_project_is_another(self, upload):
        upload(upload_key="form-1")
        upload(upload_key="form-1", project=make_project())
        assert Document.objects.count() == 2

    def test_the_same_file_is_rejected(self, upload, folder):
        data = files.pdf()
        upload(data, "a.pdf", name="Extract")
        with pytest.raises(DomainError, match="already been uploaded as “Extract”") as caught:
            upload(data, "b.pdf")
        assert (caught.value.code, caught.value.field) == ("document_already_uploaded", "file")
        assert len(stored(folder)) == 1

    def test_not_as_another_kind_of_document_and_not_after_it_was_withdrawn(self, upload, passport, by):
        data = files.pdf()
        document = upload(data, "a.pdf")
        upload(data, "a.pdf", type=passport, expires_on=NEXT_YEAR)
        uploads.withdraw(document=document, by=by, now=NOW)
        upload(data, "a.pdf")
        assert Document.objects.filter(withdrawn_at=None).count() == 2

    @pytest.mark.race
    @pytest.mark.django_db(transaction=True)
    def test_two_clicks_at_once(self, project, order, upload, folder):
        data = files.pdf()
        got = at_once([lambda: upload(data, "a.pdf", upload_key="form-1")] * 4)
        assert len({document.pk for document in got}) == 1
        assert (Document.objects.count(), len(stored(folder)), Submission.objects.count()) == (1, 1, 1)

    @pytest.mark.race
    @pytest.mark.django_db(transaction=True)
    def test_the_last_place_is_given_once(self, project, order, upload, folder, settings):
        settings.DOCUMENTS_PER_PROJECT = 1
        got = at_once([lambda n=n: upload(files.png(text=f"{n}")) for n in range(4)])
        assert sorted(getattr(each, "code", "kept") for each in got) == ["document_limit"] * 3 + ["kept"]
        assert (Document.objects.count(), len(stored(folder))) == (1, 1)


class TestRules:
    @pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b", "a\x07", "a\u202eb", "a\ud800", "a\u200bb"])
    def test_a_name(self, name, upload, folder):
        assert refused_at(upload, name=name) == ("document_name_invalid", "name")
        assert stored(folder) == []

    def test_a_name_of_80_characters(self, upload):
        assert upload(name="ü" * 80).name == "ü" * 80

    @pytest.mark.parametrize(
        "expires_on", [None, TODAY, TODAY - timedelta(days=1), date(1, 1, 1), date(2099, 1, 1), date(9999, 12, 31)]
    )
    def test_an_expiry_date(self, expires_on, upload, passport):
        code = "document_expiry_invalid" if expires_on else "document_expiry_missing"
        assert refused_at(upload, type=passport, expires_on=expires_on) == (code, "expires_on")

    @pytest.mark.parametrize("expires_on", [TODAY + timedelta(days=1), date(2070, 1, 1)])
    def test_an_expiry_date_that_is_good(self, expires_on, upload, passport):
        assert upload(type=passport, expires_on=expires_on).expires_on == expires_on

    def test_types_without_one_do_not_need_it_but_keep_it(self, upload):
        assert upload().expires_on is None
        assert upload(expires_on=NEXT_YEAR).expires_on == NEXT_YEAR
        assert refused_at(upload, expires_on=TODAY) == ("document_expiry_invalid", "expires_on")

    def test_a_type_that_is_no_longer_available(self, upload, bill):
        DocumentType.objects.update(is_active=False)
        assert refused_at(upload) == ("document_type_not_offered", "type")
        assert refused_at(upload, type=DocumentType(pk=10**9, name="Unknown")) == ("document_type_not_offered", "type")

    def test_an_archived_project(self, project, upload, folder):
        Project.objects.update(status="archived")
        project.refresh_from_db()
        assert refused_at(upload) == ("project_archived", None)

    def test_one_archived_while_the_file_was_received(self, project, upload, folder, monkeypatch):
        receive = uploads.validation.receive

        def slowly(file):
            Project.objects.update(status="archived")
            return receive(file)

        monkeypatch.setattr(uploads.validation, "receive", slowly)
        assert refused_at(upload) == ("project_archived", None)
        assert (Document.objects.count(), stored(folder)) == (0, [])

    def test_the_number_of_documents(self, upload, by, settings):
        settings.DOCUMENTS_PER_PROJECT = 2
        first, _ = upload(), upload()
        assert refused_at(upload) == ("document_limit", "file")
        uploads.withdraw(document=first, by=by, now=NOW)
        assert upload().is_there

    @pytest.mark.usefixtures("one_minute")
    def test_how_often(self, upload, monkeypatch):
        monkeypatch.setattr(uploads, "PER_MINUTE", 2)
        upload(), upload()
        assert refused_at(upload) == ("rate_limited", None)
