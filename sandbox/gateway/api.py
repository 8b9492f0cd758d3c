"""Stripe's interface: authentication, parameters checked by Stripe's own types, idempotency, paging, faults."""

import base64
import json
import threading
from typing import Any

import stripe

from sandbox.gateway.actions import Gateway
from sandbox.gateway.contract import decode_form, params, problems
from sandbox.gateway.objects import GatewayError, Object, bad_request, new_id, view
from sandbox.gateway.webhooks import Deliveries

# Path → its type of parameters in the SDK.
CREATE = {"checkout/sessions": "checkout.SessionCreateParams", "refunds": "RefundCreateParams"}
RETRIEVE = {
    "checkout/sessions": ("checkout.session", "checkout.SessionRetrieveParams"),
    "payment_intents": ("payment_intent", "PaymentIntentRetrieveParams"),
    "charges": ("charge", "ChargeRetrieveParams"),
    "refunds": ("refund", "RefundRetrieveParams"),
    "disputes": ("dispute", "DisputeRetrieveParams"),
}
LIST = {"refunds": ("refund", "RefundListParams"), "disputes": ("dispute", "DisputeListParams")}
Answer = tuple[int, str, dict[str, str]]


class Api:
    def __init__(self, gateway: Gateway, deliveries: Deliveries) -> None:
        self.gateway, self.deliveries = gateway, deliveries
        # key → (request, status, body). A second request under a key gets the first one's answer.
        self._answered: dict[str, tuple[str, int, str]] = {}
        self._lock = threading.Lock()
        self.log: list[tuple[str, str, dict[str, Any], str | None]] = []
        self.faults: list[str] = []  # for the next requests, see control.py

    def handle(self, method: str, path: str, text: str, headers: dict[str, str]) -> Answer:
        """``text`` is the query of a GET, the form body of a POST."""
        try:
            self._authenticate(headers)
            given = decode_form(text)
            key = headers.get("idempotency-key") if method == "POST" else None
            self.log.append((method, path, given, key))
            return self._once(method, path, given, key)
        except GatewayError as error:
            return error.status, json.dumps(error.body), {}

    def next_fault(self) -> str:
        with self._lock:
            return self.faults.pop(0) if self.faults else ""

    def _authenticate(self, headers: dict[str, str]) -> None:
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            value = base64.b64decode(value).decode().partition(":")[0]
        if not value.startswith("sk_sandbox_"):
            raise GatewayError(401, "invalid_request_error", "Invalid API Key: the sandbox takes sk_sandbox_ keys.")
        if headers.get("stripe-version") != stripe.api_version:
            raise bad_request(f"The sandbox speaks {stripe.api_version} only.")

    def _once(self, method: str, path: str, given: dict[str, Any], key: str | None) -> Answer:
        with self.gateway.lock:
            request = json.dumps([path, given], sort_keys=True)
            if key in self._answered:
                first, status, body = self._answered[key]
                if first != request:
                    raise GatewayError(
                        400,
                        "idempotency_error",
                        "Keys for idempotent requests can only be used with the same parameters.",
                    )
                return status, body, {"Idempotent-Replayed": "true"}
            try:
                status, body = 200, json.dumps(self._route(method, path, given))
            except GatewayError as error:
                status, body = error.status, json.dumps(error.body)
            if key and status not in {400, 401}:
                self._answered[key] = (request, status, body)
            return status, body, {}

    def _route(self, method: str, path: str, given: dict[str, Any]) -> Object:
        parts = path.removeprefix("/v1/").strip("/").split("/")
        if parts[:2] == ["checkout", "sessions"]:
            parts = ["checkout/sessions", *parts[2:]]
        kind = parts[0]
        if method == "POST" and len(parts) == 1 and kind in CREATE:
            self._check(given, CREATE[kind])
            create = self.gateway.create_session if kind == "checkout/sessions" else self.gateway.create_refund
            return view(create(given))
        if method == "POST" and kind == "checkout/sessions" and parts[2:] == ["expire"]:
            return view(self.gateway.expire(parts[1]))
        if method == "GET" and len(parts) == 2 and kind in RETRIEVE:
            name, type_name = RETRIEVE[kind]
            self._check(given, type_name)
            if name == "checkout.session":
                self.gateway.retrieve_session(parts[1])
            return self._expanded(self.gateway.store.get(parts[1], name), given.get("expand", []))
        if method == "GET" and kind == "events" and len(parts) == 1:
            self._check(given, "EventListParams")
            return self._page(self.deliveries.listed(given), given, path)
        if method == "GET" and len(parts) == 1 and kind in LIST:
            name, type_name = LIST[kind]
            self._check(given, type_name)
            only = {field: given[field] for field in ("payment_intent", "charge") if field in given}
            return self._page(self.gateway.store.of_kind(name, **only), given, path)
        raise GatewayError(404, "invalid_request_error", f"Unrecognized request URL ({method}: {path}).")

    def _check(self, given: dict[str, Any], type_name: str) -> None:
        found = list(problems(given, params(type_name), wire=True))
        if found:
            raise bad_request("; ".join(found), code="parameter_unknown", param=found[0].split(":")[0].lstrip("."))

    def _expanded(self, item: Object, expand: list[str]) -> Object:
        answer = view(item)
        for path in expand:
            place = answer
            for name in path.split("."):
                if isinstance(place.get(name), str):
                    place[name] = view(self.gateway.store.get(place[name]))
                place = place.get(name) or {}
        return answer

    def _page(self, items: list[Object], given: dict[str, Any], path: str) -> Object:
        size = min(int(given.get("limit", 10)), 100)
        after = given.get("starting_after")
        ids = [item["id"] for item in items]
        start = ids.index(after) + 1 if after in ids else 0
        return {
            "object": "list", "data": [view(item) for item in items[start : start + size]],
            "has_more": len(items) > start + size, "url": path,
        }  # fmt: skip


def request_id() -> str:
    return new_id("req")
