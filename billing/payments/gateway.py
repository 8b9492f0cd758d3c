"""The payment gateway: the only module that imports ``stripe``.

It speaks in the portal's terms (top-ups, amounts in units of the currency) and raises two kinds of error:
:class:`GatewayUnavailable` when asking again may help, :class:`GatewayRefused` when it will not; and
:class:`~portal.core.breaker.ServiceUnavailable`, without asking, while the gateway is known not to answer. Only jobs
and commands call what asks the gateway: a request never waits for it.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings

from billing import money
from billing.payments import http
from billing.payments.config import check_config, is_configured
from billing.payments.models import CHECKOUT_LIFETIME, TopUp
from portal.core import deadline
from portal.core.breaker import Breaker
from portal.core.errors import DomainError

API_VERSION = "2026-10-28.endive"  # the version that stripe 16.1 is generated from; both are raised together
TOLERANCE = 300  # seconds that the clock of a signed event may be off, in both directions
log = logging.getLogger(__name__)


class GatewayUnavailable(DomainError):  # noqa: N818
    def __init__(self) -> None:
        super().__init__(
            "gateway_unavailable",
            "The payment service is not responding at the moment. Nothing was charged; please try again.",
            status=503,
        )


class GatewayRefused(DomainError):  # noqa: N818
    def __init__(self, detail: str, *, gone: bool = False) -> None:
        super().__init__(
            "gateway_refused",
            "The payment service did not accept the request. Nothing was charged; our team has been notified.",
            status=502,
        )
        self.detail, self.gone = detail, gone


BREAKER = Breaker("payment gateway", GatewayUnavailable)


@contextmanager
def _operation() -> Iterator[None]:
    """Whatever one function here asks is bounded as a whole, and guarded by the breaker."""
    with BREAKER.guard(), deadline.within(deadline.TOTAL_SECONDS):
        yield


class BadSignature(DomainError):  # noqa: N818
    def __init__(self, reason: str) -> None:
        super().__init__("bad_signature", reason, status=400)


@dataclass(frozen=True, slots=True)
class Checkout:
    session_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Payment:
    """What the gateway says now about one Checkout session. Amounts in units of the currency."""

    session_status: str  # open, complete, expired
    reference: str
    livemode: bool
    amount: Decimal
    currency: str
    intent: str | None = None
    intent_status: str = ""
    received: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    disputed: Decimal = Decimal(0)
    paid_at: datetime | None = None
    card_brand: str = ""
    card_last4: str = ""
    payer_email: str = ""
    failure: str = ""

    @property
    def settled(self) -> Decimal:
        """What of this payment is ours to give as credit."""
        return max(self.received - self.refunded - self.disputed, Decimal(0))


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    addresses: dict[str, Any] = {"base_addresses": {"api": base}} if base else {}
    # The SDK's own tries know no total time; _ask tries again. By default it would wait 80 seconds for a byte.
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        max_network_retries=0,
        http_client=stripe.RequestsClient((deadline.CONNECT_SECONDS, deadline.TOTAL_SECONDS), session=http.session()),
        **addresses,
    )


def _v1() -> Any:
    if not is_configured():
        raise DomainError("payments_off", "Payments are not available yet.", status=503)
    check_config()
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1


def _ask(request: Any, *args: Any) -> Any:
    try:
        return _twice(request, *args)
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        log.warning("gateway.unavailable", extra={"error": type(error).__name__, "status": error.http_status})
        raise GatewayUnavailable from error
    except stripe.StripeError as error:
        detail = f"{type(error).__name__} {error.code or ''}: {error.user_message or error}"
        log.error("gateway.refused", extra={"error": detail[:500]})  # noqa: TRY400
        raise GatewayRefused(detail, gone=error.code == "resource_missing") from error


def _twice(request: Any, *args: Any) -> Any:
    """A second try at once: a connection that was kept may be dead, an answer may get lost. Requests that write carry
    their idempotency key. When the first took all the time there is, the second fails without asking."""
    try:
        return request(*args)
    except (stripe.APIConnectionError, stripe.APIError):
        return request(*args)


def open_checkout(top_up: TopUp, *, success_url: str, cancel_url: str) -> Checkout:
    """A hosted payment page for ``top_up``. Asked again for the same top-up, it is the same page."""
    metadata = {"top_up": str(top_up.ref), "project": top_up.project.pid}
    params = {
        "mode": "payment",
        "client_reference_id": str(top_up.ref),
        "customer_email": top_up.payer_email,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": top_up.currency.lower(),
                    "unit_amount": money.to_cents(top_up.amount),
                    "product_data": {"name": f"{settings.SITE_NAME} credits"},
                },
            }
        ],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        # Converted amounts would not match what was asked.
        "adaptive_pricing": {"enabled": False},
        # From the top-up, not from the clock: a repeated request must be identical.
        "expires_at": int((top_up.created_at + CHECKOUT_LIFETIME).timestamp()),
        "success_url": success_url,
        "cancel_url": cancel_url,
    }
    v1 = _v1()
    with _operation():
        session = _ask(v1.checkout.sessions.create, params, {"idempotency_key": f"top-up-{top_up.ref}"})
    return Checkout(session.id, session.url or "")


def fetch(session_id: str) -> Payment:
    """The session with its payment, refunds and disputes as they are now."""
    v1 = _v1()
    expand = {"expand": ["payment_intent.latest_charge"]}
    with _operation():
        session = _ask(v1.checkout.sessions.retrieve, session_id, expand).to_dict()
        intent = session.get("payment_intent") or {}
        charge = intent.get("latest_charge") or {}
        refunded = _refunded(v1, intent["id"]) if charge.get("amount_refunded") else 0
        disputed = _disputed(v1, intent["id"]) if charge.get("disputed") else 0
    received = intent.get("amount_received", 0) if intent.get("status") == "succeeded" else 0
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    return Payment(
        session_status=session["status"],
        reference=session.get("client_reference_id") or "",
        livemode=session["livemode"],
        amount=money.from_cents(intent.get("amount", session.get("amount_total") or 0)),
        currency=(intent.get("currency") or session.get("currency") or "").upper(),
        intent=intent.get("id"),
        intent_status=intent.get("status", ""),
        received=money.from_cents(received),
        refunded=money.from_cents(refunded),
        disputed=money.from_cents(disputed),
        paid_at=datetime.fromtimestamp(charge["created"], UTC) if received and charge else None,
        card_brand=(card.get("brand") or "")[:30],
        card_last4=(card.get("last4") or "")[:4],
        payer_email=((session.get("customer_details") or {}).get("email") or "")[:254],
        failure=((intent.get("last_payment_error") or {}).get("message") or "")[:200],
    )


def _refunded(v1: Any, intent: str) -> int:
    """A refund can still fail at the payer's bank; then the money is ours again."""
    refunds = _pages(v1.refunds.list, {"payment_intent": intent})
    return sum(refund["amount"] for refund in refunds if refund["status"] not in {"failed", "canceled"})


def _disputed(v1: Any, intent: str) -> int:
    """An inquiry (``warning_…``) moves nothing; a dispute won or prevented is over."""
    disputes = _pages(v1.disputes.list, {"payment_intent": intent})
    return sum(
        dispute["amount"]
        for dispute in disputes
        if not dispute["status"].startswith("warning") and dispute["status"] not in {"won", "prevented"}
    )


def _pages(request: Any, params: dict[str, Any], around: Any = nullcontext) -> Iterator[dict[str, Any]]:
    """Every row of a list, asked for page by page."""
    params = params | {"limit": 100}
    while True:
        with around():
            page = _ask(request, params)
        rows = [row.to_dict() for row in page.data]
        yield from rows
        if not page.has_more or not rows:
            return
        params = params | {"starting_after": rows[-1]["id"]}


def undelivered_events(since: datetime) -> list[dict[str, Any]]:
    """Events that the gateway could not hand over, oldest first. Each page is an operation of its own."""
    params = {"created": {"gte": int(since.timestamp())}, "delivery_success": False}
    return list(_pages(_v1().events.list, params, _operation))[::-1]


def verify(body: bytes, header: str) -> dict[str, Any]:
    """The event in ``body``, if one of our secrets signed it within the last five minutes.

    Raises BadSignature. Several secrets count while one is being rotated; unlike the SDK, a timestamp from the
    future is refused too.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadSignature("The body is not UTF-8.") from None
    if not any(_signed(text, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise BadSignature("No signature of ours fits.")
    sent_at = int(dict(part.split("=", 1) for part in header.split(",") if part.startswith("t="))["t"])
    if sent_at > time.time() + TOLERANCE:
        raise BadSignature("The timestamp lies in the future.")
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        raise BadSignature("The body is not JSON.") from None
    return event if isinstance(event, dict) else {}


def _signed(text: str, header: str, secret: str) -> bool:
    try:
        return stripe.WebhookSignature.verify_header(text, header, secret, TOLERANCE)
    except (stripe.SignatureVerificationError, TypeError, ValueError):
        return False
