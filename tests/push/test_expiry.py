"""Certificates that expire are announced, once each, to those who can replace them."""

from datetime import timedelta

import pytest
from time_machine import travel

from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs
from projects import suspension
from projects.models import Membership, Platform, PushCredential, Role
from projects.push import expiry, services, tasks
from tests.support.people import make_staff, make_user, staff_actor
from tests.support.projects import add_member
from tests.support.push import APP, ENDS, NOW, certificate, p8, p12, service_account

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MAILS = "projects.push_credential_expiring_mail"


def at(days_before):
    return ENDS - days_before * DAY


def announced():
    return sorted(Job.objects.filter(kind=MAILS).values_list("key", flat=True))


@pytest.fixture
def uploaded(for_ios):
    return for_ios(p12(certificate()))


class TestAnnouncing:
    def test_thirty_seven_and_one_days_before_and_on_expiry_once_each(self, uploaded):
        found = {}
        for days in range(40, -5, -1):
            before = set(announced())
            expiry.announce(now=at(days))
            assert expiry.announce(now=at(days)) == 0  # harmless twice
            if new := set(announced()) - before:
                (found[days],) = new
        assert found == {days: f"{MAILS}:{uploaded.pk}:{days}" for days in (30, 7, 1, 0)}

    @pytest.mark.parametrize(("days", "stage"), [(20, 30), (7, 7), (3, 7), (0.5, 1), (0, 0), (-9, 0)])
    def test_after_days_without_beat_only_the_nearest(self, days, stage, uploaded):
        expiry.announce(now=at(days))
        assert announced() == [f"{MAILS}:{uploaded.pk}:{stage}"]

    def test_whoever_uploads_one_that_expires_soon_is_not_notified_at_once(self, for_ios):
        for_ios(p12(certificate()), now=at(20))
        assert expiry.announce(now=at(19)) == 0
        assert expiry.announce(now=at(7)) == 1

    def test_what_does_not_expire_is_not_announced(self, for_ios, for_android):
        for_ios(p8(), bundle_id=APP)
        for_android(service_account())
        assert expiry.announce(now=NOW + timedelta(days=36_500)) == 0

    def test_its_successor_is_announced_anew(self, uploaded, for_ios):
        expiry.announce(now=at(7))
        for_ios(p12(certificate(ends=ENDS + 365 * DAY)), now=at(5))
        assert expiry.announce(now=at(5)) == 0
        assert expiry.announce(now=at(7 - 365)) == 1

    def test_not_while_the_project_is_suspended(self, uploaded, project):
        staff = staff_actor(make_staff())
        suspension.suspend(project=project, reason="Spam.", by=staff, now=at(31))
        assert expiry.announce(now=at(30)) == 0
        suspension.lift(project=project, by=staff)
        assert expiry.announce(now=at(8)) == 1


class TestMail:
    @pytest.fixture
    def delivered(self, settings, mailoutbox):
        settings.SITE_URL = "https://portal.example"

        def delivered(now):
            with travel(now, tick=False):
                tasks.watch_push_credentials()
                run_due_jobs()
            return [mail for mail in mailoutbox if "iOS certificate" in mail.subject]

        return delivered

    def test_before(self, uploaded, owner, project, delivered):
        (mail,) = delivered(at(7))
        assert (mail.to, mail.subject) == (
            [owner.email],
            f"The iOS certificate of {project.name} expires on 30 August 2027",
        )
        for body in (mail.body, mail.alternatives[0].content):
            assert "30 August 2027, 12:00 UTC" in body
            assert APP in body
            assert "upload it before then" in " ".join(body.split())
            assert f"https://portal.example/projects/{project.pid}/push/ios/" in body
        assert delivered(at(6)) == [mail]

    def test_afterwards(self, uploaded, project, delivered):
        (mail,) = delivered(at(0))
        assert mail.subject == f"The iOS certificate of {project.name} has expired"
        assert "no longer accepts pushes" in mail.body

    @pytest.mark.parametrize(("role", "mailed"), [(Role.ADMIN, True), (Role.DEVELOPER, True), (Role.READ_ONLY, False)])
    def test_to_the_owner_and_to_whoever_uploaded_it_while_they_may_replace_it(
        self, role, mailed, uploaded, owner, project, delivered
    ):
        member = add_member(project, role, make_user())
        PushCredential.objects.update(uploaded_by=member)
        assert {mail.to[0] for mail in delivered(at(7))} == {owner.email} | ({member.email} if mailed else set())

    def test_not_to_whoever_left(self, uploaded, owner, project, delivered):
        member = add_member(project, Role.ADMIN, make_user())
        PushCredential.objects.update(uploaded_by=member)
        Membership.objects.filter(user=member).delete()
        assert [mail.to for mail in delivered(at(7))] == [[owner.email]]

    def test_none_for_one_that_went_meanwhile(self, uploaded, project, by, delivered):
        expiry.announce(now=at(7))
        services.remove(project=project, platform=Platform.IOS, by=by)
        assert delivered(at(7)) == []
        assert Job.objects.get(kind=MAILS).state == "done"

    def test_a_name_full_of_markup_stays_text(self, uploaded, project, delivered):
        project.name = "<b>Acme</b> & co"
        project.save()
        (mail,) = delivered(at(7))
        assert mail.subject.startswith("The iOS certificate of <b>Acme</b> & co ")
        assert "<b>Acme" not in mail.alternatives[0].content
        assert "<b>Acme</b> & co" in mail.body
