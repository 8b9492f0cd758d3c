"""Payments whose steps come late, twice, or in between one another."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.ledger import queries
from billing.ledger.models import Transfer
from billing.payments import checkout
from billing.payments import gateway as module
from billing.payments.checkout import new_form_token, start_top_up
from billing.payments.models import OPENING_LIFETIME, TopUp
from billing.payments.services import sync
from tests.billing.conftest import intent_of
from tests.support.people import actor

pytestmark = pytest.mark.django_db
LATER = timedelta(days=40)


@pytest.fixture
def start(gateway, project, owner):
    """A top-up whose job has not run."""
    return start_top_up(
        project=project,
        amount=Decimal(50),
        form_token=new_form_token(),
        by=actor(owner),
        email=owner.email,
        return_to="",
        now=timezone.now(),
    )


def test_money_counts_from_when_it_was_paid_and_what_follows_from_when_it_is_known(gateway, project, open_top_up):
    """A refund of last month's payment belongs to this month: what was shown of a month never changes."""
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    paid_at = module.fetch(top_up.session_id).paid_at
    sync(top_up_id=top_up.pk, now=paid_at + timedelta(hours=1))
    refund = gateway.gateway.create_refund({"payment_intent": intent_of(gateway, top_up), "amount": "2000"})
    sync(top_up_id=top_up.pk, now=paid_at + LATER)
    gateway.gateway.fail_refund(refund["id"])
    sync(top_up_id=top_up.pk, now=paid_at + 2 * LATER)
    assert list(Transfer.objects.order_by("id").values_list("kind", "occurred_at")) == [
        ("top_up", paid_at),
        ("reversal", paid_at + LATER),
        ("reinstate", paid_at + 2 * LATER),
    ]
    top_up.refresh_from_db()
    assert top_up.paid_at == paid_at


@pytest.mark.parametrize(("late", "status"), [(timedelta(0), "open"), (timedelta(seconds=1), "expired")])
def test_a_payment_that_was_never_opened_ends_when_no_page_can_be_opened_for_it(late, status, start):
    assert sync(top_up_id=start.pk, now=start.created_at + OPENING_LIFETIME + late).status == status
    assert TopUp.objects.get().status == status


def test_what_was_paid_stays_paid_though_the_gateway_has_forgotten_it(gateway, project, open_top_up, activate):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    activate()
    TopUp.objects.update(session_id="cs_test_forgotten")
    closed = sync(top_up_id=top_up.pk, now=timezone.now())
    assert (closed.status, closed.failure, queries.balance(project.pk)) == ("paid", "", 50)


def test_a_difference_that_was_cleared_up_is_no_problem_any_more(gateway, project, open_top_up):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    intent = gateway.gateway.store.get(intent_of(gateway, top_up))
    intent["currency"] = "eur"
    assert sync(top_up_id=top_up.pk, now=timezone.now()).problem
    intent["currency"] = "usd"
    sync(top_up_id=top_up.pk, now=timezone.now())
    top_up.refresh_from_db()
    assert (top_up.problem, top_up.status, queries.balance(project.pk)) == ("", "paid", 50)


@pytest.fixture
def told_meanwhile(gateway, start, activate, monkeypatch):
    """The page is opened, perhaps paid, and the event taken in, before the job that opened it goes on."""
    real = module.open_checkout

    def run(what_then=lambda opened: opened, *, paid=True):
        def open_and_tell(top_up, **addresses):
            opened = real(top_up, **addresses)
            if paid:
                gateway.gateway.pay(opened.session_id)
                assert set(activate(run=False)) == {200}
            sync(top_up_id=top_up.pk, now=timezone.now(), session_id=opened.session_id)
            return what_then(opened)

        monkeypatch.setattr(module, "open_checkout", open_and_tell)
        checkout.open_page(top_up_id=start.pk, now=timezone.now())
        return TopUp.objects.get(pk=start.pk)

    return run


def refuse(opened):
    raise module.GatewayRefused("too late")


def test_an_address_that_comes_after_the_payment_is_not_kept(told_meanwhile, project):
    top_up = told_meanwhile()
    assert (top_up.status, top_up.checkout_url, queries.balance(project.pk)) == ("paid", "", 50)


def test_a_refusal_that_comes_after_the_payment_does_not_end_it(told_meanwhile, project):
    top_up = told_meanwhile(refuse)
    assert (top_up.status, top_up.failure, queries.balance(project.pk)) == ("paid", "", 50)


def test_nor_does_it_end_a_payment_whose_page_somebody_has_before_them(told_meanwhile, gateway, project, activate):
    """An event has named the session; its address is not known here, so nobody is led there a second time."""
    top_up = told_meanwhile(refuse, paid=False)
    assert (top_up.status, top_up.failure) == ("open", "")
    assert checkout.checkout_status(top_up, timezone.now()) == checkout.CheckoutStatus("over")
    gateway.gateway.pay(top_up.session_id)
    activate()
    assert queries.balance(project.pk) == 50


def test_the_payment_page_converts_nothing_and_is_asked_for_once(gateway, project, open_top_up):
    """In another currency the amount would not be the one that was agreed to."""
    top_up = open_top_up("49.90")
    ((_, _, sent, key),) = [each for each in gateway.api.log if each[:2] == ("POST", "/v1/checkout/sessions")]
    assert (sent["adaptive_pricing"]["enabled"], key) == ("false", f"top-up-{top_up.ref}")
    (line,) = sent["line_items"] if isinstance(sent["line_items"], list) else sent["line_items"].values()
    assert (line["price_data"]["unit_amount"], line["price_data"]["currency"]) == ("4990", "usd")
    assert sent["expires_at"] == str(int(top_up.created_at.timestamp()) + 3600)


def test_who_paid_and_with_what_card_is_the_gateways_word_and_is_not_forgotten(gateway, open_top_up):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    session = gateway.gateway.store.get(top_up.session_id)
    charge = gateway.gateway.store.get(gateway.gateway.store.get(intent_of(gateway, top_up))["latest_charge"])
    said = [({"email": "accounts@payer.example"}, {"card": {"brand": "visa", "last4": "4242"}}), (None, None)]
    for session["customer_details"], charge["payment_method_details"] in said:
        found = sync(top_up_id=top_up.pk, now=timezone.now())
        assert (found.payer_email, found.card_brand, found.card_last4) == ("accounts@payer.example", "visa", "4242")


def test_a_question_that_the_gateway_refuses_ends_no_payment(gateway, project, open_top_up, activate):
    """Only one that it does not know is over; a wrong key, say, is ours to mend."""
    top_up = open_top_up("50.00")
    gateway.api.faults[:] = ["400"]
    with pytest.raises(module.GatewayRefused):
        sync(top_up_id=top_up.pk, now=timezone.now())
    gateway.gateway.pay(top_up.session_id)
    activate()
    assert (TopUp.objects.get().status, queries.balance(project.pk)) == ("paid", 50)


def test_what_failed_before_is_not_said_of_a_payment_that_was_made(gateway, open_top_up):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id, "declined")
    assert sync(top_up_id=top_up.pk, now=timezone.now()).failure == "Your card was declined."
    gateway.gateway.pay(top_up.session_id)
    paid = sync(top_up_id=top_up.pk, now=timezone.now())
    assert (paid.status, paid.failure) == ("paid", "")


def test_a_page_that_opens_late_expires_no_later(gateway, start):
    """From the top-up, not from the clock: a repeated request must be the same."""
    TopUp.objects.update(created_at=start.created_at - timedelta(minutes=10))
    checkout.open_page(top_up_id=start.pk, now=timezone.now())
    ((_, _, sent, _),) = [each for each in gateway.api.log if each[:2] == ("POST", "/v1/checkout/sessions")]
    assert sent["expires_at"] == str(int((start.created_at - timedelta(minutes=10)).timestamp()) + 3600)
