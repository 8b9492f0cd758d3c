"""What is kept of requests and answers, what pages show of it, to whom, and for how long."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from projects import suspension
from projects.models import WebhookAttempt, WebhookDelivery
from projects.webhooks import keeping, project_events
from projects.webhooks.health import health
from projects.webhooks.sealing import OwnHeaders
from projects.webhooks.testing import PER_MINUTE
from tests.support.people import sign_in
from tests.support.webhooks import deliver, due_now, found, make_target, queue

pytestmark = pytest.mark.django_db


def attempt():
    return WebhookAttempt.objects.get()


class TestAttempt:
    def test_secrets_of_customers_are_sent_and_not_kept(self, project, receiver):
        own = OwnHeaders((("X-Token", "s3cret"),), ("anna", "pa55word"))
        queue(make_target(project, receiver.url, own=own))
        deliver()
        (request,) = receiver.received
        assert request.headers["x-token"] == "s3cret"
        kept = attempt().headers
        assert {kept[name] for name in ("X-Token", "Authorization")} == {"••••••••"}
        assert kept["webhook-signature"] == request.headers["webhook-signature"]

    def test_of_an_answer_the_first_4_kb_as_text(self, project, receiver):
        receiver.answers(200, b"a\0\xff" + b"b" * 10_000)
        queue(make_target(project, receiver.url))
        deliver()
        assert attempt().answer == "a��" + "b" * 4093

    def test_how_long_it_took(self, project, receiver, other_receiver):
        receiver.hangs()
        queue(make_target(project, receiver.url))
        deliver()
        assert 900 <= attempt().milliseconds < 20_000

    def test_of_a_get_what_is_no_text_is_json(self, project, receiver):
        queue(make_target(project, receiver.url, method="GET"), data={"a": True})
        deliver()
        assert receiver.received[0].parameters["data"] == '{"a": true}'


class TestHealth:
    def test_rate_and_last_failure_of_what_was_answered(self, project, receiver):
        target = make_target(project, receiver.url)
        receiver.answers(500)
        webhook_id = queue(target)
        deliver()
        receiver.answers(200)
        due_now(webhook_id)
        queue(target)
        deliver()
        row = WebhookAttempt.objects.last()
        WebhookAttempt.objects.create(
            delivery=row.delivery, endpoint=row.endpoint, number=2, method="POST", url=row.url, at=row.at,
            result="interrupted",
        )  # fmt: skip
        (endpoint,) = health(project)
        assert (endpoint.tried, endpoint.delivered, endpoint.rate, endpoint.state) == (3, 2, 66, "working")

    def test_median(self, project, receiver):
        target = make_target(project, receiver.url)
        for _ in range(3):
            queue(target)
        deliver()
        for row, milliseconds in zip(WebhookAttempt.objects.all(), (1, 7, 1000), strict=True):
            WebhookAttempt.objects.filter(pk=row.pk).update(milliseconds=milliseconds)
        assert [each.median for each in health(project)] == [7]

    def test_a_url_that_is_not_used_any_more_is_not_shown(self, project, receiver, by):
        now = timezone.now()
        project_events.set_url(project=project, url=receiver.url, by=by, now=now)
        assert [each.url for each in health(project)] == [receiver.url]
        project_events.set_url(project=project, url="", by=by, now=now)
        assert health(project) == []


class TestWhose:
    @pytest.fixture
    def delivered(self, project, receiver, by):
        """An event of the project, its id."""
        now = timezone.now()
        project_events.set_url(project=project, url=receiver.url, by=by, now=now)
        event = project_events.ProjectEvent(project.pk, "number.purchased", {"number": "+12125550101"})
        project_events.emit([event], now=now)
        deliver()
        return WebhookDelivery.objects.get().webhook_id

    def test_the_delivery_of_another_project_is_not_found(self, client, other_project, delivered, customer, project):
        assert customer.get(reverse("projects:webhook_delivery", args=[project.pid, delivered])).status_code == 200
        sign_in(client, other_project.created_by)
        answer = client.get(reverse("projects:webhook_delivery", args=[other_project.pid, delivered]))
        assert answer.status_code == 404

    def test_nor_are_its_urls_and_events_on_the_page_of_another(self, client, other_project, delivered, receiver):
        sign_in(client, other_project.created_by)
        page = client.get(reverse("projects:webhooks", args=[other_project.pid])).text
        assert delivered not in page
        assert receiver.url not in page

    def test_one_url_of_two_projects_is_two_endpoints(self, project, other_project, receiver):
        receiver.answers(410)
        theirs, ours = make_target(other_project, receiver.url), make_target(project, receiver.url)
        queue(theirs)
        deliver()
        receiver.answers(200)
        webhook_id = queue(ours)
        deliver()
        assert found(webhook_id).state == "delivered"


class TestKeeping:
    def test_what_is_finished_goes_on_its_day_and_what_waits_stays(self, project, receiver, monkeypatch):
        monkeypatch.setattr(keeping, "CHUNK", 2)
        target, now = make_target(project, receiver.url), timezone.now()
        old = [queue(target, now=now - timedelta(days=9)) for _ in range(3)]
        young = queue(target)
        deliver()
        waiting = queue(target, now=now - timedelta(days=9))
        assert keeping.forget_deliveries(before=now - timedelta(days=8)) == len(old)
        assert set(WebhookDelivery.objects.values_list("webhook_id", flat=True)) == {young, waiting}
        assert WebhookAttempt.objects.count() == 1


@pytest.mark.usefixtures("one_minute")
def test_so_many_tests_of_events_in_a_minute(project, customer, by):
    project_events.set_url(project=project, url="https://example.com:443/events", by=by, now=timezone.now())
    where = reverse("projects:webhook_event_test", args=[project.pid])
    statuses = [customer.post(where, {"type": "number.purchased"}).status_code for _ in range(PER_MINUTE + 1)]
    assert statuses == [*[302] * PER_MINUTE, 429]
    assert WebhookDelivery.objects.count() == PER_MINUTE


def test_none_in_a_suspended_project(project, customer, by, receiver):
    now = timezone.now()
    project_events.set_url(project=project, url=receiver.url, by=by, now=now)
    suspension.suspend(project=project, reason="Fraud.", by=by, now=now)
    where = reverse("projects:webhook_event_test", args=[project.pid])
    answer = customer.post(where, {"type": "number.purchased"}, follow=True)
    assert "Fraud." in answer.text
    assert (deliver(), receiver.received) == (0, [])
