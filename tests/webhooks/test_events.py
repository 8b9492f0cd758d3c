"""Events of a project: sent to its own URL, and to nobody else's."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.leases import releasing
from numbers.models import Lease
from numbers.renewals import low_credit
from numbers.routing import spend_alerts
from portal.jobs import outbox
from projects.models import AuditEntry, WebhookDelivery
from projects.webhooks import event_types, project_events
from projects.webhooks.event_types import UndeclaredEventType
from projects.webhooks.project_events import ProjectEvent
from tests.support.leases import make_lease
from tests.support.projects import fund
from tests.support.webhooks import deliver

pytestmark = pytest.mark.django_db


@pytest.fixture
def listening(project, receiver, by):
    project_events.set_url(project=project, url=receiver.url, by=by, now=timezone.now())
    return project


def received(receiver):
    deliver()
    """In the order of their names: what is sent at once arrives in any order."""
    found = [(each.parameters["type"], each.parameters["data"]) for each in receiver.received]
    return sorted(found, key=lambda each: (each[0], str(each[1])))


def test_purchase_and_release(listening, receiver, by):
    lease = make_lease(project=listening)
    outbox.run_due_jobs()
    releasing.release(lease=lease, at_period_end=False, by=by, now=timezone.now())
    number = {"number": lease.number.e164}
    assert received(receiver) == [("number.purchased", number), ("number.released", number)]


def test_the_body_is_that_of_standard_webhooks(listening, receiver):
    event = ProjectEvent(listening.pk, "number.purchased", {"number": "+12125550101"})
    project_events.emit([event], now=timezone.now())
    deliver()
    (request,) = receiver.received
    assert list(json.loads(request.body)) == ["type", "timestamp", "data"]
    assert request.headers["webhook-id"].startswith("evt_")


def test_a_project_that_does_not_listen_gets_none(project, other_project, receiver, by):
    project_events.set_url(project=project, url=receiver.url, by=by, now=timezone.now())
    project_events.emit(
        [ProjectEvent(other_project.pk, "number.purchased", {"number": "+12125550101"})], now=timezone.now()
    )
    assert received(receiver) == []
    assert not WebhookDelivery.objects.exists()


def test_without_the_url_what_waits_is_not_sent(listening, receiver, by):
    now = timezone.now()
    project_events.emit([ProjectEvent(listening.pk, "number.purchased", {"number": "+12125550101"})], now=now)
    project_events.set_url(project=listening, url="", by=by, now=now)
    project_events.emit([ProjectEvent(listening.pk, "number.purchased", {"number": "+12125550101"})], now=now)
    assert received(receiver) == []
    assert AuditEntry.objects.filter(action="webhook.events_set").count() == 2


def test_many_that_wait_are_withdrawn_by_a_worker(listening, receiver, by, monkeypatch):
    monkeypatch.setattr(project_events, "CHUNK", 2)
    now = timezone.now()
    project_events.emit([ProjectEvent(listening.pk, "number.purchased", {"number": "+12125550101"})] * 5, now=now)
    project_events.set_url(project=listening, url="", by=by, now=now)
    assert outbox.run_due_jobs() == 2
    assert received(receiver) == []
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"failed"}


@pytest.mark.parametrize(
    "event", [("number.vanished", {"number": "+12125550101"}), ("number.purchased", {"phone": "+12125550101"})]
)
def test_only_what_the_catalogue_shows_can_be_sent(project, event):
    with pytest.raises(UndeclaredEventType):
        project_events.emit([ProjectEvent(project.pk, *event)], now=timezone.now())


class TestLowCredit:
    @pytest.fixture
    def starting_credit(self):
        return "10"

    def test_it_is_said_once_until_there_was_enough(self, listening, receiver):
        lease = make_lease(project=listening)
        now = timezone.now()
        Lease.objects.filter(pk=lease.pk).update(monthly_price=11, next_charge_on=now.date() + timedelta(days=6))
        assert [low_credit.watch_credit(now=now) for _ in range(2)] == [1, 0]
        fund(listening, "5")
        assert low_credit.watch_credit(now=now) == 0
        Lease.objects.filter(pk=lease.pk).update(monthly_price=16)
        assert low_credit.watch_credit(now=now) == 1
        found = [data for name, data in received(receiver) if name == "credits.low"]
        assert [(Decimal(each["balance"]), Decimal(each["needed"])) for each in found] == [(10, 11), (15, 16)]

    @pytest.mark.parametrize(
        "values",
        [{"days": 8}, {"days": 6, "price": 10}, {"days": 6, "release_on": True}, {"days": 6, "project": "other"}],
    )
    def test_nothing_is_said(self, listening, other_project, values):
        lease = make_lease(project=other_project if values.get("project") else listening)
        day = timezone.now().date() + timedelta(days=values["days"])
        Lease.objects.filter(pk=lease.pk).update(
            monthly_price=values.get("price", 11),
            next_charge_on=day,
            release_on=day if values.get("release_on") else None,
        )
        assert low_credit.watch_credit(now=timezone.now()) == 0


def test_the_catalogue_shows_each_with_its_example(project, customer):
    page = customer.get(reverse("projects:webhook_events", args=[project.pid])).text
    for each in event_types.all_types():
        assert each.name in page
        assert each.words in page
    assert "spend_cap.reached" in {each.name for each in event_types.all_types()}
    assert spend_alerts  # it declares them


def test_a_test_sends_the_example_once_and_its_page_shows_the_answer(listening, receiver, customer):
    receiver.answers(500, "no such table")
    sent = customer.post(reverse("projects:webhook_event_test", args=[listening.pid]), {"type": "number.purchased"})
    deliver()
    assert receiver.received[0].parameters["data"] == {"number": "+12125550101"}
    page = customer.get(sent.url).text
    for words in ("Failed", "HTTP 500", "no such table", receiver.url, "webhook-signature"):
        assert words in page
    deliver()
    assert len(receiver.received) == 1
