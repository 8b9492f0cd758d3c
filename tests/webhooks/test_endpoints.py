"""Endpoints that only fail: mails on the way, then nothing is sent any more, until somebody switches them on."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.core.errors import DomainError, NotFound
from portal.jobs import outbox
from portal.jobs.models import Job
from projects import suspension
from projects.models import AuditEntry, WebhookEndpoint
from projects.webhooks import endpoints
from tests.support.webhooks import deliver, due_now, found, make_target, queue

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def failing(project, *, since=START, last=None):
    endpoint = make_target(project, "http://127.0.0.1:9/in").endpoint
    WebhookEndpoint.objects.update(failing_since=since, last_failure_at=last or since)
    return endpoint


def mails():
    kinds = {endpoints.FAILING_MAIL: "failing", endpoints.OFF_MAIL: "off"}
    return [kinds[kind] for kind in Job.objects.order_by("id").values_list("kind", flat=True) if kind in kinds]


def fails_again(at):
    WebhookEndpoint.objects.update(last_failure_at=at)


def after(**delta):
    return START + timedelta(**delta)


class TestWatch:
    def test_two_mails_then_off_after_five_days(self, project):
        failing(project)
        for day in range(1, 7):
            fails_again(after(days=day))
            endpoints.watch(now=after(days=day, minutes=1))
        assert mails() == ["failing", "failing", "off"]
        endpoint = WebhookEndpoint.objects.get()
        assert (endpoint.off_reason, endpoint.off_at) == ("failing", after(days=5, minutes=1))
        assert AuditEntry.objects.filter(action="webhook.switched_off").count() == 1

    def test_hourly_runs_and_two_at_once_send_each_mail_once(self, project):
        failing(project)
        for hour in range(24 * 4):
            fails_again(after(hours=hour))
            endpoints.watch(now=after(hours=hour))
            endpoints.watch(now=after(hours=hour))
        assert mails() == ["failing", "failing"]

    def test_who_gets_no_messages_is_not_switched_off_for_an_old_failure(self, project):
        failing(project)
        for day in range(1, 30):
            endpoints.watch(now=after(days=day))
        assert mails() == ["failing"]
        assert WebhookEndpoint.objects.get().off_at is None

    def test_a_success_resets_it(self, project, receiver):
        target = make_target(project, receiver.url)
        receiver.answers(500)
        webhook_id = queue(target)
        deliver()
        WebhookEndpoint.objects.update(failing_since=START, warned=2, warned_at=after(days=3))
        receiver.answers(200)
        due_now(webhook_id)
        deliver()
        endpoint = WebhookEndpoint.objects.get()
        assert (endpoint.failing_since, endpoint.warned, endpoint.warned_at) == (None, 0, None)
        assert endpoints.watch(now=after(days=9)) == 0


class TestSwitchingOn:
    def switched_off(self, project, receiver):
        receiver.answers(410)
        target = make_target(project, receiver.url)
        queue(target)
        deliver()
        receiver.answers(200)
        return target

    def test_requests_are_sent_again(self, project, receiver, by):
        target = self.switched_off(project, receiver)
        endpoints.switch_on(project=project, endpoint_id=target.endpoint_id, by=by, now=START)
        webhook_id = queue(target)
        deliver()
        assert found(webhook_id).state == "delivered"
        assert AuditEntry.objects.filter(action="webhook.switched_on", subject=receiver.url).exists()

    def test_the_endpoint_of_another_project_is_not_found(self, project, other_project, receiver, by):
        target = self.switched_off(project, receiver)
        with pytest.raises(NotFound):
            endpoints.switch_on(project=other_project, endpoint_id=target.endpoint_id, by=by, now=START)
        assert WebhookEndpoint.objects.get().off_at is not None

    def test_not_in_a_suspended_project(self, project, receiver, by):
        target = self.switched_off(project, receiver)
        suspension.suspend(project=project, reason="Fraud.", by=by, now=START)
        with pytest.raises(DomainError, match="Fraud"):
            endpoints.switch_on(project=project, endpoint_id=target.endpoint_id, by=by, now=START)


def test_what_the_mails_say(project, receiver, mailoutbox):
    TestSwitchingOn().switched_off(project, receiver)
    WebhookEndpoint.objects.create(
        project=project, url="http://a.example:80/", failing_since=START, last_failure_at=START
    )
    endpoints.watch(now=after(days=1))
    outbox.run_due_jobs()
    off, failing_ = (mail for mail in mailoutbox if project.name in mail.subject)
    assert "we stopped sending" in off.subject
    assert receiver.url in off.body
    assert "it answered 410 Gone" in off.body
    assert "http://a.example:80/" in failing_.body
    assert "25 November 2026, 12:00 UTC" in failing_.body
