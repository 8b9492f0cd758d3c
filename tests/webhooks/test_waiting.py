"""When a failure is tried again: what the receiver asks for, and that not all come back at the same moment."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from projects.models import WebhookEndpoint
from projects.webhooks import endpoints
from tests.support.webhooks import deliver, due_now, found, make_target, queue

pytestmark = pytest.mark.django_db
HOUR = 3600


def in_an_hour():
    return format_datetime(timezone.now() + timedelta(hours=1), usegmt=True)


def asks(receiver, value):
    receiver.answers(503, Retry_After=value() if callable(value) else value)


def seconds(moment):
    return (moment - timezone.now()).total_seconds()


@pytest.mark.parametrize(
    ("value", "wait"),
    [("600", 600), (in_an_hour, HOUR), ("86400", 12 * HOUR), ("9" * 30, 12 * HOUR), ("9" * 12, 12 * HOUR)],
)
def test_the_receiver_says_for_how_long_twelve_hours_at_most(project, receiver, value, wait):
    asks(receiver, value)
    webhook_id = queue(make_target(project, receiver.url))
    deliver()
    assert wait - 30 < seconds(found(webhook_id).next_at) <= wait
    assert wait - 30 < seconds(WebhookEndpoint.objects.get().not_before) <= wait


@pytest.mark.parametrize(
    "value",
    ["", "0", "-5", "1.5", "soon", "²", "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2199 00:00:00"],
)
def test_what_says_nothing_is_not_obeyed(project, receiver, value):
    receiver.answers(503, Retry_After=value.encode().decode("latin-1"))
    webhook_id = queue(make_target(project, receiver.url))
    deliver()
    assert 0 < seconds(found(webhook_id).next_at) < 10
    assert WebhookEndpoint.objects.get().not_before is None


def test_once_the_wait_is_over_everything_is_sent(project, receiver):
    asks(receiver, "600")
    target = make_target(project, receiver.url)
    first = queue(target)
    deliver()
    second = queue(target)
    receiver.answers(200)
    WebhookEndpoint.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    due_now()
    assert deliver() == 2
    assert {found(first).state, found(second).state} == {"delivered"}


def test_who_switches_it_on_does_not_wait(project, receiver, by):
    asks(receiver, "600")
    target = make_target(project, receiver.url)
    queue(target)
    deliver()
    second = queue(target)
    receiver.answers(200)
    endpoints.switch_on(project=project, endpoint_id=target.endpoint_id, by=by, now=timezone.now())
    deliver()
    assert found(second).state == "delivered"


def test_what_failed_together_does_not_come_back_together(project, receiver):
    receiver.answers(500)
    target = make_target(project, receiver.url)
    ids = [queue(target) for _ in range(10)]
    deliver()
    before = timezone.now()
    receiver.answers(503)
    waits = {round((found(each).next_at - before).total_seconds(), 6) for each in ids}
    assert max(waits) - min(waits) > 0.05
