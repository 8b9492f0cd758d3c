"""A thousand deliveries over HTTP: duplicated, shuffled, some lost. The balance is exact."""

import random
import threading
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from billing.ledger import integrity, queries
from billing.ledger.models import Transfer
from billing.payments import gateway as module
from billing.payments import reconcile, services, webhooks
from billing.payments.checkout import new_form_token, start_top_up
from billing.payments.models import StripeEvent, TopUp
from billing.payments.services import sync
from portal.jobs.outbox import run_due_jobs
from sandbox.gateway.objects import view
from tests.support.crowd import Beside, share
from tests.support.people import actor, make_user
from tests.support.projects import make_project

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
DELIVERIES, LOST = 1000, 25


def opened(project, owner, amount):
    top_up = start_top_up(
        project=project, amount=Decimal(amount), form_token=new_form_token(), by=actor(owner), email=owner.email,
        return_to="", now=timezone.now(),
    )  # fmt: skip
    run_due_jobs()
    top_up.refresh_from_db()
    return top_up


def a_life(gateway, top_up, number):
    """What happens to payment ``number`` at the gateway; returns the credit that is left of it."""
    outside = gateway.gateway
    if number % 5 == 3:
        outside.pay(top_up.session_id, "later")
        outside.finish_later(top_up.session_id, arrives=number % 2 == 0)
        return top_up.amount if number % 2 == 0 else Decimal(0)
    outside.pay(top_up.session_id)
    intent = outside.store.get(top_up.session_id)["payment_intent"]
    if number % 5 == 1:
        outside.create_refund({"payment_intent": intent, "amount": "700"})
        return top_up.amount - 7
    if number % 5 == 2:
        dispute = outside.dispute(intent, 500)
        outside.close_dispute(dispute["id"], won=number % 2 == 0)
        return top_up.amount - (0 if number % 2 == 0 else 5)
    return top_up.amount


@pytest.mark.slow
def test_a_thousand_deliveries_duplicated_shuffled_and_lost(gateway, live_server, settings):
    settings.SITE_URL = live_server.url
    gateway.deliveries.webhook_url = f"{live_server.url}/payments/stripe/webhook"
    owner = make_user()
    projects = [make_project(owner) for _ in range(3)]
    expected = dict.fromkeys((project.pk for project in projects), Decimal(0))
    for number in range(40):
        project = projects[number % 3]
        expected[project.pk] += a_life(gateway, opened(project, owner, 20 + number), number)

    events = list(gateway.deliveries.events)
    choice = random.Random(20261123)
    lost = choice.sample(events, LOST)
    arriving = [event for event in events if event not in lost]
    deliveries = arriving + choice.choices(arriving, k=DELIVERIES - len(arriving))
    choice.shuffle(deliveries)

    done = threading.Event()

    def worker():
        while not done.is_set():
            run_due_jobs()
            done.wait(0.02)
        run_due_jobs()

    workers = [Beside(worker) for _ in range(2)]
    statuses = share(8, gateway.deliveries.deliver, deliveries, patience=200)
    done.set()
    assert [each.result() for each in workers] == [None, None]

    assert len(statuses) == DELIVERIES
    assert set(statuses) == {200}
    assert StripeEvent.objects.count() == len(arriving)
    reconcile.run(now=timezone.now() + timedelta(minutes=2))
    run_due_jobs()
    assert StripeEvent.objects.count() == len(events)
    assert {project.pk: queries.balance(project.pk) for project in projects} == expected
    assert integrity.problems() == []


def test_twenty_workers_on_one_payment_book_it_once(gateway, live_server):
    owner = make_user()
    project = make_project(owner)
    top_up = opened(project, owner, 50)
    gateway.gateway.pay(top_up.session_id)
    share(20, lambda _: sync(top_up_id=top_up.pk, now=timezone.now()), range(20))
    assert queries.balance(project.pk) == 50
    assert Transfer.objects.filter(cause_kind="top_up", cause_id=top_up.pk).count() == 1


def test_an_event_that_arrives_while_the_gateway_is_asked_is_stored_at_once(gateway, live_server, monkeypatch):
    """It refers to the top-up, whose row is locked meanwhile."""
    top_up = opened(make_project(owner := make_user()), owner, 50)
    gateway.gateway.pay(top_up.session_id)
    event, fetch = view(gateway.deliveries.undelivered()[0]), module.fetch
    stored = []

    def fetch_while_an_event_arrives(session_id):
        stored.append(Beside(partial(webhooks.accept, event)).result(5))
        return fetch(session_id)

    monkeypatch.setattr(module, "fetch", fetch_while_an_event_arrives)
    assert sync(top_up_id=top_up.pk, now=timezone.now()).status == "paid"
    assert stored == [True]


def test_a_double_click_in_two_threads_opens_one_payment(gateway, live_server):
    owner = make_user()
    project = make_project(owner)
    token = new_form_token()
    by = actor(owner)

    def click(_):
        return start_top_up(project=project, amount=Decimal(50), form_token=token, by=by, email=owner.email,
                            return_to="", now=timezone.now()).ref  # fmt: skip

    assert len(set(share(8, click, range(8)))) == 1
    assert TopUp.objects.count() == 1
    share(2, lambda _: run_due_jobs(), range(2))
    assert [method for method, *_ in gateway.api.log] == ["POST"]


def test_without_the_row_lock_the_race_shows(gateway, live_server, monkeypatch):
    """The negative control: looked at by two workers at once and without a lock, one of them works on old facts
    and would book a second time; only the transfer's key stops it."""
    owner = make_user()
    project = make_project(owner)
    top_up = opened(project, owner, 50)
    gateway.gateway.pay(top_up.session_id)
    together, fetch = threading.Barrier(2), module.fetch

    def slow(session_id):
        answer = fetch(session_id)
        together.wait(20)
        return answer

    monkeypatch.setattr(module, "fetch", slow)
    monkeypatch.setattr(
        services.TopUp.objects, "select_for_update", lambda **options: TopUp.objects.all(), raising=False
    )
    refused = []

    def look(_):
        try:
            sync(top_up_id=top_up.pk, now=timezone.now())
        except RuntimeError as error:
            refused.append(error)

    share(2, look, range(2))
    assert len(refused) == 1
    assert queries.balance(project.pk) == 50
