"""What each state of a payment at the gateway means for us: every one that the gateway's own types name."""

from typing import Any, get_args

import pytest
import stripe
from stripe import PaymentIntent
from stripe.checkout import Session

from billing.ledger import queries
from tests.billing.conftest import intent_of

pytestmark = pytest.mark.django_db

# Of refunds the gateway names no literals: docs.stripe.com/api/refunds.
REFUNDS = {"pending": 30, "requires_action": 30, "succeeded": 30, "failed": 50, "canceled": 50}
DISPUTES = {
    "needs_response": 0, "under_review": 0, "lost": 0, "appeal_needs_response": 0, "appeal_under_review": 0, "won": 50,
    "prevented": 50,
    "warning_needs_response": 50, "warning_under_review": 50, "warning_closed": 50,
}  # fmt: skip
# Of a session that is complete: what becomes of the top-up, and of the project's credit.
INTENTS = {
    "processing": ("processing", 0), "requires_action": ("processing", 0), "requires_capture": ("processing", 0),
    "requires_confirmation": ("processing", 0), "requires_payment_method": ("failed", 0), "canceled": ("failed", 0),
    "succeeded": ("paid", 50),
}  # fmt: skip
SESSIONS = {"open": "open", "expired": "expired", "complete": "processing"}


def named_by(cls: type, field: str) -> set[str]:
    """The values that the gateway's type allows for ``field``; literals may be inside of Optional."""
    annotation: Any = cls.__annotations__[field]
    if isinstance(annotation, str):
        annotation = eval(annotation, vars(__import__("typing")) | {"Literal": __import__("typing").Literal})
    values = get_args(annotation)
    return {text for value in values for text in (get_args(value) or (value,)) if isinstance(text, str)}


def test_no_state_of_the_gateway_is_left_out():
    assert named_by(PaymentIntent, "status") == set(INTENTS)
    assert named_by(Session, "status") == set(SESSIONS)
    assert named_by(stripe.Dispute, "status") == set(DISPUTES)


@pytest.fixture
def told(gateway, project, open_top_up, activate):
    """A top-up after the gateway told of it, and the project's credit."""

    def tell(top_up, event, item):
        gateway.gateway.tell(event, item)
        activate()
        top_up.refresh_from_db()
        return top_up, queries.balance(project.pk)

    return tell


@pytest.mark.parametrize(("said", "meant"), INTENTS.items(), ids=INTENTS)
def test_a_complete_session_is_worth_what_its_payment_is(said, meant, gateway, open_top_up, activate, told):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id, "paid" if said == "succeeded" else "later")
    intent = gateway.gateway.store.get(intent_of(gateway, top_up))
    intent["status"] = said
    top_up, credit = told(top_up, "payment_intent.processing", intent)
    assert ((top_up.status, credit), top_up.checkout_url) == (meant, "")
    assert top_up.is_settled == (meant[0] != "processing")


def test_a_failure_says_why_and_what_is_only_being_processed_does_not(gateway, open_top_up, told):
    for said, failure in (("canceled", "The bank refused the transfer."), ("processing", "")):
        top_up = open_top_up("50.00")
        gateway.gateway.pay(top_up.session_id, "later")
        intent = gateway.gateway.store.get(intent_of(gateway, top_up))
        intent.update(status=said, last_payment_error={"message": "The bank refused the transfer."})
        assert told(top_up, "payment_intent.processing", intent)[0].failure == failure


@pytest.mark.parametrize(("said", "meant"), SESSIONS.items(), ids=SESSIONS)
def test_a_session_without_a_payment(said, meant, gateway, open_top_up, told):
    top_up = open_top_up("50.00")
    session = gateway.gateway.store.get(top_up.session_id)
    session["status"] = said
    top_up, credit = told(top_up, "checkout.session.completed", session)
    assert (top_up.status, bool(top_up.checkout_url), credit) == (meant, said == "open", 0)


@pytest.mark.parametrize("said", ["processing", "requires_payment_method", "requires_capture", "canceled"])
def test_what_a_payment_received_counts_only_when_it_succeeded(said, gateway, open_top_up, told):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    intent = gateway.gateway.store.get(intent_of(gateway, top_up))
    intent["status"] = said  # with all of amount_received
    assert told(top_up, "payment_intent.succeeded", intent)[1] == 0


@pytest.mark.parametrize(("said", "credit"), REFUNDS.items(), ids=REFUNDS)
def test_a_refund_takes_its_amount_unless_it_came_to_nothing(said, credit, gateway, open_top_up, activate, told):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    refund = gateway.gateway.create_refund({"payment_intent": intent_of(gateway, top_up), "amount": "2000"})
    refund["status"] = said
    assert told(top_up, "refund.updated", refund)[1] == credit


@pytest.mark.parametrize(("said", "credit"), DISPUTES.items(), ids=DISPUTES)
def test_a_dispute_takes_its_amount_while_it_may_be_lost(said, credit, gateway, open_top_up, told):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    item = gateway.gateway.dispute(intent_of(gateway, top_up), status=said)
    assert told(top_up, "charge.dispute.updated", item)[1] == credit
