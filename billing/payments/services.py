"""Brings the ledger to what the gateway says about a top-up.

Credits are unique per payment, not per event: :func:`sync` asks the gateway and books the difference, so that
duplicates, any order and lost events come out the same.
"""

import logging
from datetime import datetime

from django.db import transaction

from billing.ledger import services as ledger
from billing.ledger.models import TransferKind
from billing.payments import gateway
from billing.payments.models import OPENING_LIFETIME, TopUp
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM

log = logging.getLogger(__name__)


@transaction.atomic
def sync(*, top_up_id: int, now: datetime, session_id: str = "") -> TopUp:
    """Asks the gateway and books the difference to what the ledger holds of this payment.

    ``session_id`` is what an event calls the session, for a top-up whose own answer never reached us; it is compared
    with what we asked for. The answer is fetched while the row is locked: a slower, older answer can never win. The
    lock lets others refer to the row, so that an event which arrives meanwhile does not wait for the gateway. Raises
    GatewayUnavailable and ServiceUnavailable; the caller tries again later.
    """
    locked = TopUp.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    top_up = locked.get(pk=top_up_id)
    top_up.session_id = top_up.session_id or session_id or None  # saved at the end: as a key it would lock out others
    if top_up.session_id is None:
        _close_without_session(top_up, now)
        return top_up
    try:
        payment = gateway.fetch(top_up.session_id)
    except gateway.GatewayRefused as refused:
        if not refused.gone:
            raise
        return _close(top_up, TopUp.Status.FAILED, "The payment service does not know this payment.", now)
    problem = _mismatch(top_up, payment)
    if problem:
        # Books nothing; staff finds it by the log and in the admin's list of problems.
        log.error("payments.mismatch", extra={"top_up": top_up.pk, "problem": problem})
        top_up.problem, top_up.checked_at = problem[:300], now
        top_up.save(update_fields=["problem", "checked_at", "session_id"])
        return top_up
    _book(top_up, payment, now)
    _follow(top_up, payment, now)
    return top_up


def _close_without_session(top_up: TopUp, now: datetime) -> None:
    """Nobody was ever sent to pay; the page may still be opened for a while."""
    if now - top_up.created_at > OPENING_LIFETIME:
        _close(top_up, TopUp.Status.EXPIRED, "", now)


def _close(top_up: TopUp, status: str, failure: str, now: datetime) -> TopUp:
    top_up.checked_at = now
    if top_up.status in {TopUp.Status.OPEN, TopUp.Status.PROCESSING}:
        top_up.status, top_up.failure, top_up.checkout_url = status, failure, ""
    top_up.save(update_fields=["status", "failure", "checkout_url", "checked_at"])
    return top_up


def _mismatch(top_up: TopUp, payment: gateway.Payment) -> str:
    """In what the gateway's session differs from what we asked for; blank when nothing does."""
    pairs = {
        "reference": (str(top_up.ref), payment.reference),
        "amount": (top_up.amount, payment.amount),
        "currency": (top_up.currency, payment.currency),
        "livemode": (top_up.livemode, payment.livemode),
        "payment intent": (top_up.payment_intent or payment.intent, payment.intent),
    }
    found = [f"{name} is {got}, not {requested}" for name, (requested, got) in pairs.items() if requested != got]
    if payment.received > top_up.amount:
        found.append(f"received {payment.received} for {top_up.amount}")
    return "; ".join(found)


def _book(top_up: TopUp, payment: gateway.Payment, now: datetime) -> None:
    difference = payment.settled - top_up.booked
    if not difference:
        return
    first = top_up.booked_steps == 0
    if difference > 0:
        kind = TransferKind.TOP_UP if first else TransferKind.REINSTATE
        debit, credit = "gateway", "wallet"
    else:
        kind, debit, credit = TransferKind.REVERSAL, "wallet", "gateway"
    occurred_at = (payment.paid_at or now) if first else now
    top_up.paid_at = top_up.paid_at or occurred_at
    booked = ledger.post(
        key=f"top_up:{top_up.pk}:{top_up.booked_steps}",
        kind=kind,
        project_id=top_up.project_id,
        debit=debit,
        credit=credit,
        amount=abs(difference),
        occurred_at=occurred_at,
        memo=f"{_reason(kind, payment)} · {top_up.receipt_number}",
        cause=("top_up", top_up.pk),
    )
    if not booked:
        raise RuntimeError(f"top-up {top_up.pk}: step {top_up.booked_steps} was booked behind our back")
    top_up.booked, top_up.booked_steps = payment.settled, top_up.booked_steps + 1
    if kind == TransferKind.TOP_UP:
        enqueue("payments.receipt_mail", {"top_up": top_up.pk}, key=f"payments.receipt_mail:{top_up.pk}")
    audit.record(
        project_id=top_up.project_id,
        by=SYSTEM,
        action=f"credits.{kind}",
        subject=top_up.receipt_number,
        amount=str(difference),
    )


def _reason(kind: str, payment: gateway.Payment) -> str:
    if kind == TransferKind.TOP_UP:
        return "Credits added"
    if kind == TransferKind.REINSTATE:
        return "Payment reinstated"
    if payment.refunded and payment.disputed:
        return "Payment refunded and disputed"
    return "Payment disputed" if payment.disputed else "Payment refunded"


def _follow(top_up: TopUp, payment: gateway.Payment, now: datetime) -> None:
    """Takes over what the gateway says about the payment itself."""
    if top_up.paid_at:
        top_up.status, top_up.failure = TopUp.Status.PAID, ""
    elif payment.session_status == "expired":
        top_up.status = TopUp.Status.EXPIRED
    elif payment.session_status == "complete":
        failed = payment.intent_status in {"requires_payment_method", "canceled"}
        top_up.status = TopUp.Status.FAILED if failed else TopUp.Status.PROCESSING
        top_up.failure = payment.failure if failed else ""
    else:
        top_up.status, top_up.failure = TopUp.Status.OPEN, payment.failure
    top_up.payment_intent = payment.intent or top_up.payment_intent
    top_up.card_brand = payment.card_brand or top_up.card_brand
    top_up.card_last4 = payment.card_last4 or top_up.card_last4
    top_up.payer_email = payment.payer_email or top_up.payer_email
    if top_up.status != TopUp.Status.OPEN:
        top_up.checkout_url = ""
    top_up.problem, top_up.checked_at = "", now
    top_up.save()
