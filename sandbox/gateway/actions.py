"""What can happen at the gateway: through its API, by the payer, by banks and by the merchant's own desk."""

import threading
import time
from collections.abc import Callable
from typing import Any

from sandbox.gateway.objects import GatewayError, Object, Store, bad_request

DECLINED = "Your card was declined."
SHORTEST, LONGEST = 30 * 60, 24 * 3600  # seconds that a new Checkout session may live


class Gateway:
    """``tell`` is called with the type of an event and the object it is about."""

    def __init__(self, tell: Callable[[str, Object], Any]) -> None:
        self.store, self.tell = Store(), tell
        self.lock = threading.RLock()
        self.base_url = ""

    # -- the merchant's API -------------------------------------------------------------------------------------

    def create_session(self, given: dict[str, Any]) -> Object:
        """``given`` is a decoded form: every leaf is a text."""
        lines = given.get("line_items") or []
        if given.get("mode") != "payment" or not lines:
            raise bad_request("The sandbox knows mode=payment with line_items.", param="mode")
        if not given.get("success_url"):
            raise bad_request("success_url is required for hosted pages.", param="success_url")
        total = sum(int(line.get("quantity", 1)) * int(line["price_data"]["unit_amount"]) for line in lines)
        if total < 50:
            raise bad_request("The total amount due must add up to at least 50 cents.", code="amount_too_small")
        lives_until = int(given.get("expires_at", time.time() + LONGEST))
        if not SHORTEST - 10 <= lives_until - time.time() <= LONGEST + 10:
            raise bad_request("expires_at must be 30 minutes to 24 hours from now.", param="expires_at")
        session = self.store.put(
            "cs_test", "checkout.session",
            mode="payment", status="open", payment_status="unpaid", amount_total=total, amount_subtotal=total,
            currency=lines[0]["price_data"]["currency"], client_reference_id=given.get("client_reference_id"),
            customer=None, customer_email=given.get("customer_email"), customer_details=None, payment_intent=None,
            invoice=None, expires_at=lives_until, success_url=given["success_url"],
            cancel_url=given.get("cancel_url"), metadata=given.get("metadata", {}), payment_method_types=["card"],
            automatic_tax={"enabled": False, "liability": None, "status": None, "provider": None},
            custom_fields=[], shipping_options=[],
            custom_text={"after_submit": None, "shipping_address": None, "submit": None,
                         "terms_of_service_acceptance": None},
            _title=lines[0]["price_data"].get("product_data", {}).get("name", "Payment"),
            _intent_metadata=given.get("payment_intent_data", {}).get("metadata", {}),
        )  # fmt: skip
        session["url"] = f"{self.base_url}/pay/{session['id']}"
        return session

    def create_refund(self, given: dict[str, Any]) -> Object:
        intent = self.store.get(given.get("payment_intent", ""), "payment_intent")
        charge = self._charge_of(intent)
        left = charge["amount"] - charge["amount_refunded"]
        amount = int(given.get("amount", left))
        if not 0 < amount <= left:
            raise bad_request("Refund amount is greater than unrefunded amount.", code="charge_already_refunded")
        refund = self.store.put(
            "re", "refund", amount=amount, charge=charge["id"], payment_intent=intent["id"],
            currency=charge["currency"], status="succeeded", reason=given.get("reason"),
            metadata=given.get("metadata", {}),
        )  # fmt: skip
        del refund["livemode"]  # Stripe's refunds have none
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.tell("charge.refunded", charge)
        return refund

    # -- the payer ----------------------------------------------------------------------------------------------

    def pay(self, session_id: str, outcome: str = "paid", email: str = "payer@customer.example") -> str | None:
        """``paid``, ``declined`` or ``later`` (a bank transfer). The address to go on to; None when declined."""
        with self.lock:
            session = self._open_session(session_id)
            intent = self._intent_of(session)
            if outcome == "declined":
                intent["last_payment_error"] = {"type": "card_error", "code": "card_declined", "message": DECLINED}
                self.tell("payment_intent.payment_failed", intent)
                return None
            session.update(
                status="complete", url=None, customer_details={"email": session["customer_email"] or email},
                payment_status="unpaid" if outcome == "later" else "paid",
            )  # fmt: skip
            if outcome == "later":
                intent.update(status="processing", last_payment_error=None)
                self.tell("payment_intent.processing", intent)
            else:
                self._settle(intent)
            self.tell("checkout.session.completed", session)
            return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session_id)

    def _open_session(self, session_id: str) -> Object:
        session = self.store.get(session_id, "checkout.session")
        self._expire_when_due(session)
        if session["status"] != "open":
            raise bad_request("This Checkout Session is no longer open.")
        return session

    def _intent_of(self, session: Object) -> Object:
        if session["payment_intent"] is None:
            session["payment_intent"] = self.store.put(
                "pi", "payment_intent", amount=session["amount_total"], amount_received=0, amount_capturable=0,
                currency=session["currency"], customer=None, metadata=dict(session["_intent_metadata"]),
                status="requires_payment_method", latest_charge=None, last_payment_error=None, payment_method=None,
                client_secret=None, capture_method="automatic_async", confirmation_method="automatic",
                payment_method_types=["card"],
            )["id"]  # fmt: skip
        return self.store.get(session["payment_intent"])

    def _settle(self, intent: Object) -> None:
        charge = self.store.put(
            "ch", "charge", amount=intent["amount"], amount_captured=intent["amount"], amount_refunded=0,
            currency=intent["currency"], customer=None, payment_intent=intent["id"], paid=True, captured=True,
            refunded=False, disputed=False, status="succeeded", metadata=dict(intent["metadata"]),
            billing_details={"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
            payment_method_details={"type": "card", "card": {"brand": "visa", "last4": "4242", "exp_month": 12,
                                                             "exp_year": 2034}},
        )  # fmt: skip
        intent.update(
            status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"],
            last_payment_error=None,
        )  # fmt: skip
        self.tell("payment_intent.succeeded", intent)

    # -- time and banks -----------------------------------------------------------------------------------------

    def finish_later(self, session_id: str, *, arrives: bool = True) -> None:
        """The bank transfer of a payment made ``later`` arrives, or is refused."""
        with self.lock:
            session = self.store.get(session_id, "checkout.session")
            intent = self.store.get(session["payment_intent"], "payment_intent")
            if intent["status"] != "processing":
                raise bad_request("This payment is not waiting for a bank.")
            if arrives:
                session["payment_status"] = "paid"
                self._settle(intent)
                self.tell("checkout.session.async_payment_succeeded", session)
            else:
                intent["status"] = "requires_payment_method"
                intent["last_payment_error"] = {
                    "type": "invalid_request_error", "message": "The bank refused the transfer.",
                }  # fmt: skip
                self.tell("checkout.session.async_payment_failed", session)

    def expire(self, session_id: str) -> Object:
        with self.lock:
            session = self._open_session(session_id)
            session.update(status="expired", url=None)
            self.tell("checkout.session.expired", session)
            return session

    def _expire_when_due(self, session: Object) -> None:
        if session["status"] == "open" and session["expires_at"] < time.time():
            session.update(status="expired", url=None)
            self.tell("checkout.session.expired", session)

    def retrieve_session(self, session_id: str) -> Object:
        session = self.store.get(session_id, "checkout.session")
        self._expire_when_due(session)
        return session

    def fail_refund(self, refund_id: str) -> None:
        """The payer's bank sends a refund back: the money is the merchant's again."""
        with self.lock:
            refund = self.store.get(refund_id, "refund")
            refund["status"] = "failed"
            charge = self.store.get(refund["charge"], "charge")
            charge["amount_refunded"] -= refund["amount"]
            charge["refunded"] = False
            self.tell("refund.failed", refund)

    def dispute(self, intent_id: str, amount: int | None = None, status: str = "needs_response") -> Object:
        with self.lock:
            charge = self._charge_of(self.store.get(intent_id, "payment_intent"))
            charge["disputed"] = True
            item = self.store.put(
                "dp", "dispute", amount=amount or charge["amount"], charge=charge["id"], payment_intent=intent_id,
                currency=charge["currency"], status=status, reason="fraudulent", is_charge_refundable=False,
                balance_transactions=[], enhanced_eligibility_types=[], evidence={},
                evidence_details={"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
            )  # fmt: skip
            self.tell("charge.dispute.created", item)
            return item

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        with self.lock:
            item = self.store.get(dispute_id, "dispute")
            item["status"] = "won" if won else "lost"
            self.tell("charge.dispute.closed", item)

    def _charge_of(self, intent: Object) -> Object:
        if not intent["latest_charge"]:
            raise GatewayError(400, "invalid_request_error", "This payment has no successful charge.")
        return self.store.get(intent["latest_charge"], "charge")
