"""How long documents are kept, and what becomes of orphans."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from time_machine import travel

from numbers.compliance import retention, tasks
from numbers.models import Document, Order, Submission
from numbers.orders.closing import cancel_order
from portal.shell.activity import line
from projects.models import AuditEntry, Project
from tests.documents.conftest import NOW, TODAY, lend, place, stored, undone
from tests.documents.expiring import DAY, announced, at
from tests.support import files
from tests.support.crowd import Beside, wait_until_it_waits
from tests.support.documents import make_document


def purge_after(document):
    return Document.objects.get(pk=document.pk).purge_after


KEPT = timedelta(days=90)


class TestRetention:
    def test_nothing_while_an_order_is_open(self, order, upload):
        document = upload()
        assert retention.set_dates() == 0
        assert purge_after(document) is None

    def test_ninety_days_after_its_last_order_ended(self, project, by, regulation, upload):
        first, second = place(project, by), place(project, by)
        document = upload()
        cancel_order(order=first, by=by, now=NOW + 3 * DAY)
        retention.set_dates()
        assert purge_after(document) is None
        cancel_order(order=second, by=by, now=NOW + DAY)
        assert retention.set_dates() == 1
        assert purge_after(document) == NOW + 3 * DAY + KEPT
        assert retention.set_dates() == 0  # harmless twice

    def test_as_long_as_the_setting_says(self, order, upload, by, settings):
        settings.DOCUMENT_RETENTION_DAYS = 10
        document = upload()
        cancel_order(order=order, by=by, now=NOW)
        retention.set_dates()
        assert purge_after(document) == NOW + 10 * DAY

    @pytest.mark.usefixtures("spoiled")
    def test_as_long_as_its_number_is_held_and_from_its_release_on(self, order, upload):
        document = upload()
        Order.objects.update(status="active", closed_at=NOW)
        lease = lend(order)
        retention.set_dates()
        assert purge_after(document) is None
        type(lease).objects.update(status="released", ended_at=NOW + 400 * DAY)
        retention.set_dates()
        assert purge_after(document) == NOW + 400 * DAY + KEPT
        type(lease).objects.update(status="active", ended_at=None)  # the release was undone
        assert retention.set_dates() == 1
        assert purge_after(document) is None

    def test_needed_again(self, order, project, by, upload):
        data = files.pdf()
        document = upload(data, "a.pdf")
        cancel_order(order=order, by=by, now=NOW)
        retention.set_dates()
        assert purge_after(document)
        place(project, by)
        assert upload(data, "a.pdf") == document
        retention.set_dates()
        assert purge_after(document) is None

    def test_one_that_was_never_needed_goes_after_a_year(self, upload, passport):
        plain = upload()
        long = upload(type=passport, expires_on=TODAY + timedelta(days=3000))
        short = upload(type=passport, expires_on=TODAY + timedelta(days=30))
        retention.set_dates()
        assert {purge_after(plain), purge_after(long)} == {NOW + 365 * DAY}
        assert purge_after(short) == datetime(2027, 3, 10, tzinfo=UTC) + (30 + 1 + 90) * DAY

    def test_the_file_is_destroyed_and_the_row_stays(
        self, order, upload, by, folder, django_capture_on_commit_callbacks
    ):
        document = upload(name="Bill of March")
        cancel_order(order=order, by=by, now=NOW)
        retention.set_dates()
        assert retention.purge(now=NOW + KEPT - DAY) == 0
        assert len(stored(folder)) == 1
        with django_capture_on_commit_callbacks(execute=True):
            assert retention.purge(now=NOW + KEPT) == 1
        assert stored(folder) == []
        row = Document.objects.get()
        assert (row.purged_at, row.is_there, row.name) == (NOW + KEPT, False, "Bill of March")
        assert (row.wrapped_key, row.original_name, row.sha256) == ("", "", "")
        entry = AuditEntry.objects.get(action="document.purged")
        assert (entry.actor_kind, entry.data["document"]) == ("system", str(document.ref))
        assert (line(entry).who, line(entry).words) == (
            "The portal",
            "deleted the file of “Bill of March”, which is no longer needed",
        )
        assert retention.purge(now=NOW + KEPT) == 0

    def test_one_that_became_needed_since_the_date_was_set_stays(self, order, project, by, upload):
        data = files.pdf()
        document = upload(data, "a.pdf")
        cancel_order(order=order, by=by, now=NOW)
        retention.set_dates()
        place(project, by)
        upload(data, "a.pdf")
        assert retention.purge(now=NOW + 2 * KEPT) == 0
        assert Document.objects.get(pk=document.pk).is_there

    @pytest.mark.race
    @pytest.mark.django_db(transaction=True)
    def test_what_an_order_that_is_being_placed_counts_on_stays(self, project, by, regulation, bill):
        document = make_document(project, bill, uploaded_at=NOW)
        Document.objects.update(purge_after=NOW)
        with transaction.atomic():
            Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # as placing an order begins
            purge = Beside(partial(retention.purge, now=NOW))
            wait_until_it_waits(purge)
            line = place(project, by).requirements.get(title=bill.name)
            Submission.objects.create(requirement=line, document=document, verdict="accepted", decided_at=NOW)
        assert purge.result() == 0
        assert Document.objects.get().is_there

    def test_a_run_destroys_so_many_and_the_next_goes_on(self, upload):
        for _ in range(3):
            upload()
        retention.set_dates()
        later = NOW + 400 * DAY
        assert [retention.purge(now=later, batch=2) for _ in range(3)] == [2, 1, 0]

    def test_it_asks_the_database_a_fixed_number_of_times(
        self, upload, by, regulation, project, django_assert_num_queries
    ):
        upload()
        with django_assert_num_queries(2):
            retention.set_dates()
        place(project, by)
        upload(), upload()
        with django_assert_num_queries(2):
            retention.set_dates()


class TestTask:
    def test_the_whole_watch_twice(self, order, passport_of, upload, folder):
        upload()
        with travel(at(-1), tick=False):
            tasks.watch_documents()
            once = (announced(), Order.objects.get().status, AuditEntry.objects.count(), len(stored(folder)))
            tasks.watch_documents()
        assert (announced(), Order.objects.get().status, AuditEntry.objects.count(), len(stored(folder))) == once
        assert once[1] == "documents_requested"

    def test_it_is_the_one_that_beat_calls(self, settings):
        from portal.celery import app

        assert settings.CELERY_BEAT_SCHEDULE["numbers.watch_documents"]["task"] == tasks.watch_documents.name
        assert tasks.watch_documents.name in app.tasks

    def test_orphans_are_swept(self, upload, folder):
        undone(upload)
        assert len(stored(folder)) == 1
        with travel(datetime.now(UTC) + 2 * DAY, tick=False):
            tasks.watch_documents()
        assert stored(folder) == []
