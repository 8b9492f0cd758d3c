"""What happens to documents by themselves: announcements, and orders that require another one."""

from datetime import timedelta

import pytest
from time_machine import travel

from numbers.compliance import expiry, tasks, uploads
from numbers.models import Document, Order, Submission
from numbers.orders.closing import cancel_order
from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs
from tests.documents.conftest import NOW, TODAY, lend, place
from tests.documents.expiring import DAY, EXPIRES, MAILS, announced, at


class TestAnnouncing:
    def test_thirty_seven_and_one_days_before_and_on_expiry_once_each(self, passport_of):
        announced_on = {}
        for days in range(40, -5, -1):
            before = set(announced())
            expiry.announce(now=at(days))
            assert expiry.announce(now=at(days)) == 0  # harmless twice
            new = set(announced()) - before
            if new:
                (announced_on[days],) = new
        assert {days: int(key.rpartition(":")[2]) for days, key in announced_on.items()} == {30: 30, 7: 7, 1: 1, -1: 0}
        assert all(key.startswith(f"{MAILS}:{passport_of.pk}:") for key in announced_on.values())

    @pytest.mark.parametrize(("days", "stage"), [(20, 30), (7, 7), (3, 7), (0, 1), (-9, 0)])
    def test_after_days_without_beat_only_the_nearest(self, days, stage, passport_of):
        expiry.announce(now=at(days))
        assert announced() == [f"{MAILS}:{passport_of.pk}:{stage}"]

    def test_whoever_types_a_near_date_is_not_notified_at_once(self, order, upload, passport):
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

    def test_not_what_was_withdrawn(self, passport_of, by):
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
    def test_what_a_number_depends_on(self, status, count, order, passport_of):
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
    def test_one_that_counted_on_it_requires_another(self, order, passport_of, upload):
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
        requirement = order.requirements.get(title=passport.name)
        Submission.objects.create(requirement=requirement, document=spare)
        assert expiry.reopen_orders(now=at(-1)) == 0
        assert Order.objects.get().status == "in_review"

    def test_one_whose_document_went_while_it_was_submitted(self, order, passport_of, upload):
        upload()
        Document.objects.filter(pk=passport_of.pk).update(purged_at=NOW)
        assert expiry.reopen_orders(now=NOW) == 1
        assert Order.objects.get().status == "documents_requested"

    def test_not_one_that_was_approved(self, order, passport_of, upload):
        upload()
        Order.objects.update(status="approved")
        assert expiry.reopen_orders(now=at(-1)) == 0
        assert Order.objects.get().status == "approved"
