"""Payments come to the same balance whatever happens to their events."""

import itertools
import random
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.ledger import queries
from billing.ledger.models import Transfer
from billing.ledger.services import post
from billing.payments.models import StripeEvent
from portal.jobs.models import Job
from portal.jobs.outbox import run_next
from projects.models import AuditEntry
from tests.billing.conftest import intent_of

pytestmark = pytest.mark.django_db


def balance(project):
    return queries.balance(project.pk)


def kinds(project):
    return list(Transfer.objects.filter(credit__project=project).order_by("id").values_list("kind", flat=True))


def test_a_payment_is_booked_by_its_webhook_and_not_before(gateway, project, open_top_up, activate):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    assert balance(project) == 0
    assert activate() == [200, 200]
    top_up.refresh_from_db()
    assert (top_up.status, top_up.booked, balance(project)) == ("paid", 50, 50)
    assert (top_up.card_brand, top_up.card_last4) == ("visa", "4242")
    assert kinds(project) == ["top_up"]
    assert AuditEntry.objects.filter(project=project, action="credits.top_up").count() == 1


def test_the_payer_is_mailed_the_receipt_once(gateway, project, open_top_up, activate, mailoutbox):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    activate(gateway.deliveries.events * 3)
    refund = gateway.gateway.create_refund({"payment_intent": intent_of(gateway, top_up), "amount": "1000"})
    activate()
    gateway.gateway.fail_refund(refund["id"])
    activate()
    while run_next():
        pass
    top_up.refresh_from_db()
    (mail,) = mailoutbox
    assert mail.to == [project.created_by.email]
    assert mail.subject == f"Receipt {top_up.receipt_number}: 50.00 USD added to {project.name}"
    for text in (mail.body, mail.alternatives[0].content):
        for words in (top_up.receipt_number, "50.00 USD", "Visa ending in 4242",
                      f"http://127.0.0.1/projects/{project.pid}/credits/receipts/{top_up.ref}/"):  # fmt: skip
            assert words in text, words


def test_duplicates_book_once_and_store_once(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    events = gateway.deliveries.events * 5
    random.shuffle(events)
    assert set(activate(events)) == {200}
    assert (balance(project), len(kinds(project))) == (50, 1)
    assert StripeEvent.objects.count() == Job.objects.filter(kind="payments.sync").count() == 2


@pytest.mark.slow
def test_every_order_of_payment_refund_and_dispute_comes_to_the_same(gateway, project, open_top_up, activate):
    expected = Decimal(0)
    for order in itertools.permutations(range(5)):
        top_up = open_top_up("50.00")
        gateway.deliveries.events.clear()
        gateway.gateway.pay(top_up.session_id)
        intent = intent_of(gateway, top_up)
        gateway.gateway.create_refund({"payment_intent": intent, "amount": "1000"})
        dispute = gateway.gateway.dispute(intent, 2000)
        gateway.gateway.close_dispute(dispute["id"], won=True)
        events = list(gateway.deliveries.events)
        assert len(events) == 5
        activate([events[i] for i in order])
        expected += 40
        assert balance(project) == expected, order


def test_a_refund_takes_credit_back(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    activate()
    gateway.gateway.create_refund({"payment_intent": intent_of(gateway, top_up), "amount": "2000"})
    activate()
    top_up.refresh_from_db()
    assert (balance(project), top_up.booked, top_up.reversed_amount) == (30, 30, 20)


def test_a_refund_that_fails_at_the_bank_gives_it_back(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    activate()
    intent = intent_of(gateway, top_up)
    refund = gateway.gateway.create_refund({"payment_intent": intent, "amount": "4000"})
    gateway.gateway.create_refund({"payment_intent": intent})
    activate()
    assert balance(project) == 0
    gateway.gateway.fail_refund(refund["id"])
    activate()
    assert balance(project) == 40
    assert Transfer.objects.filter(cause_kind="top_up").order_by("id").last().kind == "reinstate"


@pytest.mark.slow
def test_many_refunds_are_read_to_the_last_page(gateway, project, open_top_up, activate):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    intent = intent_of(gateway, top_up)
    for _ in range(130):
        gateway.gateway.create_refund({"payment_intent": intent, "amount": "10"})
    activate()
    assert balance(project) == 37


def test_a_dispute_may_overdraw_and_money_won_back_returns(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    activate()
    post(
        key="setup:1", kind="number_setup", project_id=project.pk, debit="wallet", credit="revenue_setup",
        amount=Decimal(45), occurred_at=timezone.now(), memo="", cause=("lease", 1),
    )  # fmt: skip
    dispute = gateway.gateway.dispute(intent_of(gateway, top_up))
    activate()
    assert balance(project) == -45
    gateway.gateway.close_dispute(dispute["id"], won=True)
    activate()
    assert balance(project) == 5


def test_an_inquiry_moves_nothing(gateway, project, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    gateway.gateway.dispute(intent_of(gateway, top_up), status="warning_needs_response")
    activate()
    assert balance(project) == 50
