"""What happens to documents by themselves: announcements, orders that ask again, retention, orphans."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from time_machine import travel

from numbers.compliance import expiry, retention, tasks, uploads
from numbers.models import Document, Order, Submission
from numbers.orders.closing import cancel_order
from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs
from portal.shell.activity import line
from projects.models import AuditEntry, Project
from tests.documents.conftest import NOW, TODAY, lend, place, stored
from tests.support import files
from tests.support.crowd import Beside, wait_until_it_waits
from tests.support.documents import make_document

DAY = timedelta(days=1)
EXPIRES = date(2027, 6, 30)
MAILS = "numbers.document_expiring_mail"


def at(days_before):
    """Half past nine, so many days before the last good one."""
    return datetime(EXPIRES.year, EXPIRES.month, EXPIRES.day, 9, 30, tzinfo=UTC) - timedelta(days=days_before)


def announced():
    return sorted(Job.objects.filter(kind=MAILS).values_list("key", flat=True))


@pytest.fixture
def passport_of(order, upload, passport):
    """Offered to an open order."""
    return upload(type=passport, expires_on=EXPIRES, name="Passport of Ada")


class TestAnnouncing:
    def test_thirty_seven_and_one_days_before_and_on_expiry_once_each(self, passport_of):
        told = {}
        for days in range(40, -5, -1):
            before = set(announced())
            expiry.announce(now=at(days))
            assert expiry.announce(now=at(days)) == 0  # harmless twice
            new = set(announced()) - before
            if new:
                (told[days],) = new
        assert {days: int(key.rpartition(":")[2]) for days, key in told.items()} == {30: 30, 7: 7, 1: 1, -1: 0}
        assert all(key.startswith(f"{MAILS}:{passport_of.pk}:") for key in told.values())

    @pytest.mark.parametrize(("days", "stage"), [(20, 30), (7, 7), (3, 7), (0, 1), (-9, 0)])
    def test_after_days_without_beat_only_the_nearest(self, days, stage, passport_of):
        expiry.announce(now=at(days))
        assert announced() == [f"{MAILS}:{passport_of.pk}:{stage}"]

    def test_whoever_types_a_near_date_is_not_told_at_once(self, order, upload, passport):
        upload(type=passport, expires_on=TODAY + timedelta(days=20))
        assert expiry.announce(now=NOW + timedelta(hours=1)) == 0
        assert expiry.announce(now=NOW + timedelta(days=13)) == 1

    def test_not_what_nothing_counts_on(self, upload, passport, by, regulation, project):
        upload(type=passport, expires_on=EXPIRES)  # no order
        order = place(project, by)
        upload(type=passport, expires_on=EXPIRES)
        cancel_order(order=order, by=by, now=NOW)  # a closed one
        assert expiry.announce(now=at(5)) == 0

    def test_not_what_was_rejected(self, passport_of):
        Submission.objects.update(verdict="rejected", reason="Too dark")
        assert expiry.announce(now=at(5)) == 0

    def test_not_what_was_taken_back(self, passport_of, by):
        uploads.withdraw(document=passport_of, by=by, now=NOW)
        assert expiry.announce(now=at(5)) == 0

    def test_not_what_has_a_successor(self, passport_of, upload, passport):
        Submission.objects.update(verdict="accepted")
        new = upload(type=passport, expires_on=EXPIRES + 900 * DAY, replaces=passport_of)
        assert Document.objects.filter(withdrawn_at=None).count() == 2
        assert expiry.announce(now=at(5)) == 0
        Document.objects.filter(pk=new.pk).update(withdrawn_at=NOW)
        assert expiry.announce(now=at(5)) == 1

    @pytest.mark.usefixtures("spoiled")
    @pytest.mark.parametrize(("status", "count"), [("active", 1), ("suspended", 1), ("released", 0)])
    def test_what_a_number_is_held_by(self, status, count, order, passport_of):
        Submission.objects.update(verdict="accepted")
        Order.objects.update(status="active", closed_at=NOW)
        lend(order, status)
        assert expiry.announce(now=at(5)) == count


class TestMail:
    @pytest.fixture
    def delivered(self, settings, mailoutbox):
        settings.SITE_URL = "https://portal.example"

        def delivered(now):
            with travel(now, tick=False):
                tasks.watch_documents()
                run_due_jobs()
            return [mail for mail in mailoutbox if "Passport of Ada" in mail.subject]

        return delivered

    def test_before(self, passport_of, owner, delivered):
        (mail,) = delivered(at(7))
        assert (mail.to, mail.subject) == ([owner.email], "“Passport of Ada” expires on 30 June 2027")
        for body in (mail.body, mail.alternatives[0].content):
            assert "30 June 2027" in body
            assert "upload a newer one" in body
            assert f"https://portal.example/projects/{passport_of.project.pid}/numbers/" in body

    def test_afterwards(self, passport_of, delivered):
        (mail,) = delivered(at(-1))
        assert mail.subject == "“Passport of Ada” has expired"
        assert "can no longer be used" in mail.body

    def test_none_for_one_that_went_meanwhile(self, passport_of, by, delivered):
        expiry.announce(now=at(7))
        uploads.withdraw(document=passport_of, by=by, now=at(7))
        assert delivered(at(7)) == []
        assert Job.objects.get(kind=MAILS).state == "done"

    def test_a_name_full_of_markup_stays_text(self, order, upload, passport, delivered):
        upload(type=passport, expires_on=EXPIRES, name="<b>Passport of Ada</b> & co")
        (mail,) = delivered(at(7))
        assert mail.subject.startswith("“<b>Passport of Ada</b> & co”")
        assert "<b>Passport" not in mail.alternatives[0].content
        assert "<b>Passport of Ada</b> & co" in mail.body


class TestOrders:
    def test_one_that_counted_on_it_asks_again(self, order, passport_of, upload):
        upload()
        assert Order.objects.get().status == "in_review"
        assert expiry.reopen_orders(now=at(0)) == 0  # its last good day
        assert expiry.reopen_orders(now=at(-1)) == 1
        again = Order.objects.get()
        assert (again.status, again.submitted_at) == ("documents_requested", None)
        assert expiry.reopen_orders(now=at(-1)) == 0

    def test_not_one_that_has_enough_without_it(self, order, passport_of, upload, passport):
        upload()
        spare = upload(type=passport, expires_on=EXPIRES + 900 * DAY)
        asked = order.requirements.get(title=passport.name)
        Submission.objects.create(line=asked, document=spare)
        assert expiry.reopen_orders(now=at(-1)) == 0
        assert Order.objects.get().status == "in_review"

    def test_one_whose_document_went_while_it_was_handed_in(self, order, passport_of, upload):
        upload()
        Document.objects.filter(pk=passport_of.pk).update(purged_at=NOW)
        assert expiry.reopen_orders(now=NOW) == 1
        assert Order.objects.get().status == "documents_requested"

    def test_not_one_that_was_approved(self, order, passport_of, upload):
        upload()
        Order.objects.update(status="approved")
        assert expiry.reopen_orders(now=at(-1)) == 0
        assert Order.objects.get().status == "approved"


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

    def test_one_that_nobody_asked_for_goes_after_a_year(self, upload, passport):
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
            Submission.objects.create(line=line, document=document, verdict="accepted", decided_at=NOW)
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
        try:
            with transaction.atomic():
                upload()
                raise RuntimeError
        except RuntimeError:
            pass
        assert len(stored(folder)) == 1
        with travel(datetime.now(UTC) + 2 * DAY, tick=False):
            tasks.watch_documents()
        assert stored(folder) == []
