"""Payments that come late, fail, expire or are not told of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.ledger.models import Transfer
from billing.payments import reconcile
from billing.payments.models import TopUp
from billing.payments.services import sync
from tests.billing.conftest import intent_of
from tests.billing.test_sync import balance

pytestmark = pytest.mark.django_db


def test_a_bank_transfer_is_complete_before_it_is_paid(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id, "later")
    activate()
    top_up.refresh_from_db()
    assert (top_up.status, balance(project)) == ("processing", 0)
    gateway.gateway.finish_later(top_up.session_id)
    activate()
    top_up.refresh_from_db()
    assert (top_up.status, balance(project)) == ("paid", 50)


def test_a_bank_transfer_that_fails(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id, "later")
    gateway.gateway.finish_later(top_up.session_id, arrives=False)
    activate()
    top_up.refresh_from_db()
    assert (top_up.status, top_up.failure, balance(project)) == ("failed", "The bank refused the transfer.", 0)


def test_a_declined_card_leaves_the_payment_page_open(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    assert gateway.gateway.pay(top_up.session_id, "declined") is None
    activate()
    top_up.refresh_from_db()
    assert (top_up.status, top_up.failure) == ("open", "Your card was declined.")
    gateway.gateway.pay(top_up.session_id)
    activate()
    assert balance(project) == 50


def test_an_expired_payment_page(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.expire(top_up.session_id)
    activate()
    top_up.refresh_from_db()
    assert (top_up.status, balance(project)) == ("expired", 0)


def test_lost_webhooks_are_made_up_for(gateway, project, open_top_up):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)  # and nobody tells the portal
    assert reconcile.run(now=top_up.created_at + timedelta(seconds=30)).top_ups == 0  # a webhook may be on its way
    for event in gateway.deliveries.events:
        event["_delivered"] = True  # not even the gateway knows that they got lost
    assert reconcile.run(now=top_up.created_at + timedelta(minutes=2)).top_ups == 1
    assert balance(project) == 50


def test_a_lost_refund_of_a_paid_top_up_is_found_in_the_gateways_events(gateway, project, open_top_up, activate):
    from portal.jobs.outbox import run_due_jobs

    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    activate()
    gateway.gateway.create_refund({"payment_intent": intent_of(gateway, top_up), "amount": "2000"})
    done = reconcile.run(now=timezone.now())
    assert (done.events, done.top_ups) == (1, 0)
    run_due_jobs()
    assert balance(project) == 30
    assert reconcile.run(now=timezone.now()).events == 0


def test_a_payment_that_the_gateway_no_longer_knows_is_closed(gateway, open_top_up):
    top_up = open_top_up()
    TopUp.objects.filter(pk=top_up.pk).update(session_id="cs_test_0000")
    reconcile.run(now=timezone.now() + timedelta(minutes=2))
    top_up.refresh_from_db()
    assert top_up.status == "failed"


def test_a_gateway_that_is_down_leaves_everything_for_the_next_run(gateway, project, open_top_up):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    gateway.api.faults[:] = ["500"] * 4  # the events and the session, each tried twice
    later = timezone.now() + timedelta(minutes=2)
    assert reconcile.run(now=later).top_ups == 0
    assert reconcile.run(now=later).top_ups == 1
    assert balance(project) == 50


@pytest.mark.parametrize("field", ["amount", "currency", "reference", "livemode", "payment intent", "received"])
def test_what_differs_from_what_was_asked_books_nothing(field, gateway, project, open_top_up, caplog):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    session = gateway.gateway.store.get(top_up.session_id)
    intent = gateway.gateway.store.get(session["payment_intent"])
    match field:
        case "amount":
            intent["amount"] = 4000
        case "currency":
            intent["currency"] = "eur"
        case "reference":
            session["client_reference_id"] = "somebody-else"
        case "livemode":
            session["livemode"] = True
        case "payment intent":
            TopUp.objects.filter(pk=top_up.pk).update(payment_intent="pi_another")
        case "received":
            intent["amount_received"] = 9000
    synced = sync(top_up_id=top_up.pk, now=timezone.now())
    assert field.removesuffix("s") in synced.problem
    assert "payments.mismatch" in caplog.text
    assert (balance(project), Transfer.objects.count()) == (0, 0)


def test_an_older_answer_cannot_win(gateway, project, open_top_up, monkeypatch):
    """The gateway is asked only while the row is locked, so that a slow answer is never booked late."""
    from django.db import connection

    from billing.payments import gateway as module

    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    asked = []
    fetch = module.fetch

    def watched(session_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE relation = 'billing_topup'::regclass "
                           "AND mode = 'RowShareLock' AND granted AND pid = pg_backend_pid()")  # fmt: skip
            asked.append(cursor.fetchone()[0])
        return fetch(session_id)

    monkeypatch.setattr(module, "fetch", watched)
    sync(top_up_id=top_up.pk, now=timezone.now())
    assert asked == [1]
