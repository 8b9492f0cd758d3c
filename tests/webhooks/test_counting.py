"""What counts for the health of an endpoint, and what does not."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from portal.jobs import outbox
from portal.jobs.models import Job
from portal.outbound.client import Limits
from projects.models import AuditEntry, WebhookEndpoint, WebhookTarget
from projects.webhooks import claiming, endpoints, project_events
from projects.webhooks.models import DeliveryKind
from tests.support.webhooks import deliver, due_now, found, make_target, queue

pytestmark = pytest.mark.django_db
SHORT = Limits(connect=0.5, total=0.5)
START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def endpoint():
    return WebhookEndpoint.objects.get()


class TestTimeOuts:
    @pytest.mark.parametrize(
        ("answers", "at_once"), [((None, None), 1), ((None,), 3), ((None, 500, None), 3), ((None, None, 500), 3)]
    )
    def test_two_in_a_row_and_it_gets_one_at_a_time(self, project, receiver, settings, answers, at_once):
        settings.WEBHOOKS_PER_ENDPOINT = 3
        target = make_target(project, receiver.url)
        queue(target)
        for status in answers:
            receiver.answers(status) if status else receiver.hangs()
            deliver(limits=SHORT)
            due_now()
        for _ in range(5):
            queue(target)
        assert len(claiming.claim(limit=100, now=timezone.now() + timedelta(seconds=1))) == at_once


class TestTests:
    def test_one_that_fails_is_no_failure(self, project, receiver):
        receiver.answers(500)
        queue(make_target(project, receiver.url), DeliveryKind.TEST)
        deliver()
        assert endpoint().failing_since is None

    def test_one_that_410_answers_switches_nothing_off(self, project, receiver):
        receiver.answers(410)
        queue(make_target(project, receiver.url), DeliveryKind.TEST)
        deliver()
        assert endpoint().off_at is None

    def test_one_that_arrives_is_a_success(self, project, receiver):
        receiver.answers(500)
        target = make_target(project, receiver.url)
        queue(target)
        deliver()
        receiver.answers(200)
        queue(target, DeliveryKind.TEST)
        deliver()
        assert endpoint().failing_since is None

    def test_it_is_sent_to_the_url_that_it_tests_and_not_to_the_fallback(self, project, receiver, other_receiver):
        receiver.answers(500)
        queue(make_target(project, receiver.url, fallback_url=other_receiver.url), DeliveryKind.TEST)
        deliver()
        assert (len(receiver.received), len(other_receiver.received)) == (1, 0)


def test_who_cancels_a_message_does_not_fail(project, receiver):
    receiver.answers(400, webhook_delivery="abort-message")
    queue(make_target(project, receiver.url))
    deliver()
    assert endpoint().failing_since is None


def test_what_we_cannot_send_is_no_failure_of_the_receiver_and_stops_nobody(project, receiver, caplog):
    broken, whole = make_target(project, receiver.at("/broken")), queue(make_target(project, receiver.url))
    WebhookTarget.objects.filter(pk=broken.pk).update(sealed="made with a key that is gone")
    webhook_id = queue(broken)
    deliver()
    assert (found(whole).state, found(webhook_id).state) == ("delivered", "queued")
    assert not WebhookEndpoint.objects.filter(failing_since__isnull=False).exists()
    assert "webhooks.not_built" in caplog.text


class TestSwitchedOff:
    def test_several_answers_410_at_once_switch_it_off_once(self, project, receiver):
        receiver.answers(410)
        target = make_target(project, receiver.url)
        for _ in range(3):
            queue(target)
        assert deliver() == 3
        assert AuditEntry.objects.filter(action="webhook.switched_off").count() == 1
        assert Job.objects.filter(kind=endpoints.OFF_MAIL).count() == 1

    def test_an_event_says_so(self, project, receiver, other_receiver, by):
        project_events.set_url(project=project, url=other_receiver.url, by=by, now=timezone.now())
        receiver.answers(410)
        queue(make_target(project, receiver.url))
        deliver()
        (event,) = (each.parameters for each in other_receiver.received)
        assert (event["type"], event["data"]) == ("endpoint.switched_off", {"url": receiver.url, "reason": "gone"})

    def test_once_it_is_on_again_five_other_days_begin(self, project, receiver, by):
        target = make_target(project, receiver.url)
        WebhookEndpoint.objects.update(
            failing_since=START, last_failure_at=START, warned=2, warned_at=START, off_at=START, off_reason="failing"
        )
        endpoints.switch_on(project=project, endpoint_id=target.endpoint_id, by=by, now=START)
        assert (endpoint().failing_since, endpoint().warned) == (None, 0)

    @pytest.mark.parametrize("off", [False, True])
    def test_a_mail_that_came_too_late_is_not_sent(self, project, receiver, mailoutbox, by, off):
        target = make_target(project, receiver.url)
        WebhookEndpoint.objects.update(failing_since=START, last_failure_at=START)
        endpoints.watch(now=START + timedelta(days=1))
        if off:  # then there is a mail about that
            WebhookEndpoint.objects.update(off_at=START, off_reason="gone")
        else:
            queue(target)
            deliver()
        outbox.run_due_jobs()
        assert not mailoutbox

    def test_nor_one_about_what_was_switched_on_meanwhile(self, project, receiver, mailoutbox, by):
        receiver.answers(410)
        target = make_target(project, receiver.url)
        queue(target)
        deliver()
        endpoints.switch_on(project=project, endpoint_id=target.endpoint_id, by=by, now=START)
        outbox.run_due_jobs()
        assert not mailoutbox


@pytest.mark.parametrize(
    ("looked_at_from", "expected"),
    [(0, [24, 72, 120]), (240, [240, 264, 288])],
    ids=["always", "after a standstill of ours"],
)
def test_mails_after_one_and_three_days_off_after_five_and_a_day_between_them(
    project, receiver, looked_at_from, expected
):
    make_target(project, receiver.url)
    WebhookEndpoint.objects.update(failing_since=START, last_failure_at=START)
    steps = []
    for hour in range(looked_at_from, 24 * 13):
        now = START + timedelta(hours=hour)
        WebhookEndpoint.objects.update(last_failure_at=now)
        if endpoints.watch(now=now):
            steps.append(hour)
    assert steps == expected
