"""A test message: a real request to a real server, and its answer where it was asked for."""

import json
import re
from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.messaging import testing
from numbers.models import Message
from portal.core.errors import DomainError
from projects.models import WebhookDelivery, WebhookEndpoint
from projects.webhooks.testing import PER_MINUTE
from tests.messaging.test_panel import HTMX, address
from tests.support.leases import make_lease
from tests.support.messaging import set_messaging_url
from tests.support.pages import text, words
from tests.support.people import sign_in
from tests.support.webhooks import deliver

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return make_lease()


@pytest.fixture
def me(client, lease):
    return sign_in(client, lease.project.created_by)


def delivery_page(lease):
    found = WebhookDelivery.objects.get()
    return reverse("projects:webhook_delivery", args=[lease.project.pid, found.webhook_id])


def test_the_panel_shows_the_request_and_then_the_answer(me, lease, receiver):
    set_messaging_url(lease, receiver.url)
    answer = me.post(address(lease, "test"), headers=HTMX)
    shown = answer.content.decode()
    assert f'id="messaging-{lease.pk}"' in shown
    part = re.search(r'id="(delivery-[-\w]+)"\s+hx-get="([^"]+)"', shown)
    assert part[2] == delivery_page(lease)
    assert "This is a test message." in words(shown)
    receiver.answers(200, '{"hello": "from the server"}')
    assert deliver() == 1
    polled = me.get(part[2], headers=HTMX | {"HX-Target": part[1]}).content.decode()
    assert polled.strip().startswith("<div")
    assert "hx-get" not in polled
    assert "from the server" in polled
    assert "HTTP 200" in words(polled)


def test_it_looks_as_a_real_message_does(me, lease, receiver):
    set_messaging_url(lease, receiver.url, request_text="hello")
    answer = me.post(address(lease, "test"))
    assert answer.headers["Location"] == delivery_page(lease)
    deliver()
    (request,) = receiver.received
    sent = json.loads(request.body)
    assert list(sent) == ["request", "source", "destination", "message", "message_id", "received_at"]
    assert sent["request"] == "hello"
    assert (sent["source"], sent["destination"]) == ("+15550100", lease.number.e164)
    assert sent["message"] == "This is a test message."
    assert re.fullmatch(r"[0-9a-f-]{36}", sent["message_id"])
    age = timezone.now() - datetime.fromisoformat(sent["received_at"])
    assert age.total_seconds() < 60
    assert request.headers["webhook-id"] == sent["message_id"]
    assert not Message.objects.exists()


def test_it_goes_by_the_method_that_is_set_and_to_the_projects_url(me, lease, receiver):
    set_messaging_url(lease.project, receiver.url, method="GET")
    me.post(address(lease, "test"))
    deliver()
    (request,) = receiver.received
    assert request.method == "GET"
    assert request.parameters["destination"] == lease.number.e164


def test_it_goes_to_a_url_that_is_switched_off(me, lease, receiver):
    set_messaging_url(lease, receiver.url)
    WebhookEndpoint.objects.update(off_at=timezone.now(), off_reason="gone")
    me.post(address(lease, "test"))
    deliver()
    assert len(receiver.received) == 1


def test_nothing_is_sent_without_a_url(me, lease):
    for headers in ({}, HTMX):
        assert me.post(address(lease, "test"), headers=headers).status_code == 409
    with pytest.raises(DomainError) as refused:
        testing.send(lease=lease, now=timezone.now())
    assert refused.value.code == "no_messaging_url"
    assert not WebhookDelivery.objects.exists()


@pytest.mark.usefixtures("one_minute")
def test_only_so_many_a_minute(me, lease):
    set_messaging_url(lease, "https://example.com:443/in")
    for _ in range(PER_MINUTE):
        assert me.post(address(lease, "test")).status_code == 302
    answer = me.post(address(lease, "test"))
    assert answer.status_code == 429
    assert "Too many requests" in text(answer)
    assert WebhookDelivery.objects.count() == PER_MINUTE
