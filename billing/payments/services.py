"""Writes on top-ups: open one at the gateway, and bring the ledger to what the gateway says.

Credits are unique per payment, not per event: :func:`sync` asks the gateway and books the difference, so that
duplicates, any order and lost events come out the same.
"""

import logging
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from billing import money
from billing.ledger import services as ledger
from billing.ledger.models import TransferKind
from billing.mode import livemode
from billing.payments import gateway
from billing.payments.models import TopUp
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM, Actor
from projects.errors import DomainError
from projects.models import Project

log = logging.getLogger(__name__)
# A repeated form opens the same payment page; the gateway wants at least 30 minutes of life for a new one.
FORM_LIFETIME = timedelta(minutes=25)


def start_top_up(
    *, project: Project, amount: Decimal, form_token: str, by: Actor, email: str, return_to: str, now: datetime
) -> tuple[TopUp, str]:
    """A top-up and the address of its payment page. The same form again gives the same page.

    The row is committed before the gateway is asked, so that an answer lost on the way loses nothing: trying
    again finds the row and asks with the same idempotency key. Not atomic, therefore. Raises DomainError:
    ``project_archived``, ``form_used``, ``payments_off``, ``gateway_unavailable``, ``gateway_refused``.
    """
    if not gateway.is_configured():
        raise DomainError("payments_off", "This portal does not take payments yet.", status=503)
    top_up = _row(project, amount, form_token, by, return_to, now)
    if top_up.session_id:
        url = gateway.checkout_url(top_up.session_id)
    elif now - top_up.created_at < FORM_LIFETIME:
        checkout = gateway.open_checkout(
            top_up,
            success_url=settings.SITE_URL + reverse("billing:return", args=[project.pid, top_up.ref]),
            cancel_url=settings.SITE_URL + reverse("billing:cancelled", args=[project.pid, top_up.ref]),
            email=email,
        )
        TopUp.objects.filter(pk=top_up.pk, session_id=None).update(session_id=checkout.session_id)
        url = checkout.url
    else:
        url = None
    if not url:
        raise DomainError(
            "form_used",
            "This form was already used. Press Add again to start another payment.",
            field="amount",
        )
    return top_up, url


@transaction.atomic
def _row(project: Project, amount: Decimal, form_token: str, by: Actor, return_to: str, now: datetime) -> TopUp:
    if not project.takes_credits:
        raise DomainError("project_archived", "This project is archived; credits cannot be added to it.")
    top_up, created = TopUp.objects.get_or_create(
        project=project,
        # The amount is part of it: going back to change the amount makes another top-up.
        form_token=f"{form_token}-{money.to_cents(amount)}",
        defaults={
            "amount": amount,
            "currency": settings.CURRENCY,
            "livemode": livemode(),
            "terms_version": settings.TERMS_VERSION,
            "refund_policy_version": settings.REFUND_POLICY_VERSION,
            "agreed_at": now,
            "created_by_id": by.user_id,
            "created_at": now,
            "return_to": return_to,
        },
    )
    if created:
        audit.record(
            project_id=project.pk,
            by=by,
            action="credits.payment_started",
            subject=str(top_up.ref),
            amount=str(amount),
            terms=top_up.terms_version,
            refund_policy=top_up.refund_policy_version,
        )
    return top_up


@transaction.atomic
def sync(*, top_up_id: int, now: datetime) -> TopUp:
    """Asks the gateway and books the difference to what the ledger holds of this payment.

    The answer is fetched while the row is locked: a slower, older answer can never win. Raises
    GatewayUnavailable; the caller tries again later.
    """
    top_up = TopUp.objects.select_for_update(of=("self",)).select_related("project").get(pk=top_up_id)
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
        top_up.save(update_fields=["problem", "checked_at"])
        return top_up
    _book(top_up, payment, now)
    _follow(top_up, payment, now)
    return top_up


def _close_without_session(top_up: TopUp, now: datetime) -> None:
    """Nobody was ever sent to pay; the form may still be tried again for a while."""
    if now - top_up.created_at > gateway.CHECKOUT_LIFETIME:
        _close(top_up, TopUp.Status.EXPIRED, "", now)


def _close(top_up: TopUp, status: str, failure: str, now: datetime) -> TopUp:
    top_up.checked_at = now
    if top_up.status in {TopUp.Status.OPEN, TopUp.Status.PROCESSING}:
        top_up.status, top_up.failure = status, failure
    top_up.save(update_fields=["status", "failure", "checked_at"])
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
    found = [f"{name} is {got}, not {asked}" for name, (asked, got) in pairs.items() if asked != got]
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
    top_up.problem, top_up.checked_at = "", now
    top_up.save()


def new_form_token() -> str:
    return uuid.uuid4().hex
