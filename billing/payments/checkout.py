"""From "Add" to the gateway's payment page.

A request only writes the top-up and a job; the job asks the gateway, and the customer's page waits for the address.
So nobody's request ever waits for the gateway.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from billing import money
from billing.mode import livemode
from billing.payments import gateway
from billing.payments.config import is_configured
from billing.payments.models import CHECKOUT_LIFETIME, OPENING_LIFETIME, TopUp
from portal.core.errors import DomainError, ProjectArchived
from portal.jobs import outbox
from projects import audit
from projects.actor import Actor
from projects.models import Project

# Open payments at a time. Far above what people need; each is a request to the gateway.
OPEN_PER_PROJECT, OPEN_PER_PERSON = 20, 40


@transaction.atomic
def start_top_up(
    *, project: Project, amount: Decimal, form_token: str, by: Actor, email: str, return_to: str, now: datetime
) -> TopUp:
    """A top-up, and a job that opens its payment page. The same form again gives the same top-up.

    Raises DomainError: ``payments_off``, ``project_archived``, ``form_used``, ``too_many_open_payments``.
    """
    if not is_configured():
        raise DomainError("payments_off", "Payments are not available yet.", status=503)
    if not project.takes_credits:
        raise ProjectArchived
    # The amount is part of it: going back to change the amount makes another top-up.
    form = {"project": project, "form_token": f"{form_token}-{money.to_cents(amount)}"}
    top_up = TopUp.objects.filter(**form).first()
    if top_up is None:
        _check_limits(project, by, now)
        top_up, created = TopUp.objects.get_or_create(**form, defaults=_new(amount, by, email, return_to, now))
        if created:
            _record(top_up, by)
            outbox.enqueue("payments.open_checkout", {"top_up": top_up.pk}, key=job_key(top_up))
    if not top_up.is_payable(now):
        raise DomainError(
            "form_used", "This form has already been used. Press Add again to start another payment.", field="amount"
        )
    return top_up


def _new(amount: Decimal, by: Actor, email: str, return_to: str, now: datetime) -> dict[str, object]:
    return {
        "amount": amount,
        "currency": settings.CURRENCY,
        "livemode": livemode(),
        "terms_version": settings.TERMS_VERSION,
        "refund_policy_version": settings.REFUND_POLICY_VERSION,
        "agreed_at": now,
        "created_by_id": by.user_id,
        "created_at": now,
        "payer_email": email,
        "return_to": return_to,
    }


def _record(top_up: TopUp, by: Actor) -> None:
    audit.record(
        project_id=top_up.project_id,
        by=by,
        action="credits.payment_started",
        subject=str(top_up.ref),
        amount=str(top_up.amount),
        terms=top_up.terms_version,
        refund_policy=top_up.refund_policy_version,
    )


def _check_limits(project: Project, by: Actor, now: datetime) -> None:
    """Not exact when many forms arrive at the same moment; it need not be."""
    ours, theirs = Q(project=project), Q(created_by_id=by.user_id, created_by_id__isnull=False)
    waiting = open_payments(now).aggregate(ours=Count("pk", filter=ours), theirs=Count("pk", filter=theirs))
    if waiting["ours"] >= OPEN_PER_PROJECT or waiting["theirs"] >= OPEN_PER_PERSON:
        raise DomainError(
            "too_many_open_payments",
            "Too many payments are open. Finish one of them, or wait: each expires an hour after it was started.",
            status=429,
        )


def open_payments(now: datetime) -> QuerySet[TopUp]:
    """Top-ups of all projects whose payment page is open or about to be."""
    return TopUp.objects.filter(status=TopUp.Status.OPEN, created_at__gt=now - CHECKOUT_LIFETIME)


def job_key(top_up: TopUp) -> str:
    return f"payments.open_checkout:{top_up.pk}"


def open_page(*, top_up_id: int, now: datetime) -> None:
    """Asks the gateway for the payment page and keeps its address. Asked again, it is the same page.

    An answer that was lost on the way loses nothing: the next try has the same idempotency key. Gives up when the
    gateway would no longer open the page. Raises GatewayUnavailable and ServiceUnavailable; the job is then run again.
    """
    top_up = TopUp.objects.select_related("project").get(pk=top_up_id)
    if top_up.session_id or top_up.status != TopUp.Status.OPEN:
        return
    if now - top_up.created_at >= OPENING_LIFETIME or not top_up.project.takes_credits:
        _end(top_up, TopUp.Status.EXPIRED, "", now)
        return
    try:
        checkout = gateway.open_checkout(
            top_up,
            success_url=settings.SITE_URL + reverse("billing:return", args=[top_up.project.pid, top_up.ref]),
            cancel_url=settings.SITE_URL + reverse("billing:cancelled", args=[top_up.project.pid, top_up.ref]),
        )
    except gateway.GatewayRefused as refused:
        _end(top_up, TopUp.Status.FAILED, refused.message, now)
        return
    TopUp.objects.filter(pk=top_up.pk, session_id=None).update(
        session_id=checkout.session_id, checkout_url=checkout.url
    )


def _end(top_up: TopUp, status: str, failure: str, now: datetime) -> None:
    """Unless an event has named the session meanwhile."""
    still = TopUp.objects.filter(pk=top_up.pk, session_id=None, status=TopUp.Status.OPEN)
    still.update(status=status, failure=failure, checked_at=now)


@dataclass(frozen=True, slots=True)
class CheckoutStatus:
    """How far the payment page of a top-up is: ``opening``, ``away`` (the gateway did not answer yet; it is tried
    again), ``ready`` (``url`` leads to it) or ``over`` (nothing can be paid any more)."""

    state: str
    url: str = ""


def checkout_status(top_up: TopUp, now: datetime) -> CheckoutStatus:
    """From our own rows alone."""
    if not top_up.is_payable(now) or (top_up.session_id and not top_up.checkout_url):
        return CheckoutStatus("over")
    if top_up.checkout_url:
        return CheckoutStatus("ready", top_up.checkout_url)
    return CheckoutStatus("away" if outbox.last_error(job_key(top_up)) else "opening")


def try_again(top_up: TopUp) -> None:
    """The customer does not want to wait for the next try."""
    outbox.run_now(job_key(top_up))


def new_form_token() -> str:
    return uuid.uuid4().hex
