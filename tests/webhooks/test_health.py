"""How the servers of a customer do, as their pages say it."""

import json
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from projects.webhooks import event_types, project_events, testing
from projects.webhooks.health import health
from projects.webhooks.models import DeliveryKind
from tests.support.webhooks import deliver, due_now, make_target, queue

pytestmark = pytest.mark.django_db


def only(project):
    (found,) = health(project)
    return found


def test_of_the_last_requests_so_many_were_delivered_in_so_long(project, receiver):
    target = make_target(project, receiver.url)
    queue(target)
    deliver()
    receiver.answers(500)
    queue(target)
    deliver()
    receiver.answers(200)
    queue(target)
    deliver()
    found = only(project)
    assert (found.tried, found.delivered, found.rate, found.state) == (3, 2, 66, "working")
    assert 0 <= found.median < 1000
    assert (found.failure, found.failed_at <= timezone.now()) == ("HTTP 500.", True)


def test_one_that_nothing_was_sent_to(project):
    make_target(project, "https://example.com:443/in")
    found = only(project)
    assert (found.tried, found.rate, found.median, found.failed_at, found.state) == (0, None, None, None, "unused")


@pytest.mark.parametrize("kind", [DeliveryKind.TEST, DeliveryKind.EVENT])
def test_one_that_has_only_failed_is_failing_also_by_tests(project, receiver, kind):
    receiver.answers(404)
    queue(make_target(project, receiver.url), kind)
    deliver()
    assert (only(project).rate, only(project).state) == (0, "failing")


def test_one_that_has_failed_since_it_last_worked_is_failing(project, receiver):
    queue(make_target(project, receiver.url))
    deliver()
    receiver.answers(404)
    queue(make_target(project, receiver.url))
    deliver()
    assert (only(project).rate, only(project).state) == (50, "failing")
    receiver.answers(200)
    due_now()
    deliver()
    assert only(project).state == "working"


def test_a_time_to_wait_is_named_until_it_is_over(project, receiver):
    receiver.answers(503, retry_after="60")
    queue(make_target(project, receiver.url))
    deliver()
    assert only(project).not_before > timezone.now()
    with time_machine.travel(timezone.now() + timedelta(seconds=90), tick=False):
        assert only(project).not_before is None


def test_each_project_sees_its_own(project, other_project):
    make_target(project, "https://a.example:443/")
    make_target(other_project, "https://b.example:443/")
    assert [each.url for each in health(project)] == ["https://a.example:443/"]


@pytest.mark.parametrize("event", ["credits.low", "order.updated", "spend_cap.reached"])
def test_an_event_is_sent_with_its_names_in_the_order_of_the_catalogue(project, customer, receiver, by, event):
    project_events.set_url(project=project, url=receiver.url, by=by, now=timezone.now())
    testing.send_event(project=project, type_name=event, now=timezone.now())
    deliver()
    sent = json.loads(receiver.received[0].body)
    page = unescape(customer.get(reverse("projects:webhook_events", args=[project.pid])).text)
    assert json.dumps(sent["data"], indent=2).replace("\n", "\n  ") in page
    assert list(sent) == ["type", "timestamp", "data"]
    assert sent["data"] == event_types.find(event).example
