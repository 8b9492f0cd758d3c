"""The sandbox gateway against Stripe's own types, and the portal's client against both."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import stripe
from django.core.exceptions import ImproperlyConfigured
from stripe.checkout import Session

from billing.mode import livemode
from billing.payments import gateway as module
from billing.payments.config import check_config
from sandbox.gateway.contract import decode_form, missing_fields, params, problems
from sandbox.gateway.objects import view

ORDER: dict[str, Any] = {
    "mode": "payment",
    "success_url": "http://127.0.0.1/ok",
    "line_items": [
        {"quantity": 1, "price_data": {"currency": "usd", "unit_amount": 5000, "product_data": {"name": "Credits"}}}
    ],
}


@pytest.fixture
def client(gateway):
    return stripe.StripeClient(
        "sk_sandbox_test", base_addresses={"api": gateway.url}, max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=(1, 2)),
    )  # fmt: skip


def test_every_object_has_the_shape_of_stripes_types(gateway, client):
    """Paid, refunded and disputed: each kind of object, as an answer and as the body of an event."""
    session = client.v1.checkout.sessions.create(ORDER)
    gateway.gateway.pay(session.id)
    intent = gateway.gateway.store.get(session.id)["payment_intent"]
    gateway.gateway.create_refund({"payment_intent": intent, "amount": "100"})
    gateway.gateway.dispute(intent, 200)
    store = gateway.gateway.store
    kinds = {
        "checkout.session": Session, "payment_intent": stripe.PaymentIntent, "charge": stripe.Charge,
        "refund": stripe.Refund, "dispute": stripe.Dispute,
    }  # fmt: skip
    for kind, cls in kinds.items():
        item = view(store.of_kind(kind)[0])
        assert list(problems(item, cls, kind)) == []
        assert missing_fields(item, cls) == []
    for event in gateway.deliveries.events:
        assert missing_fields(view(event), stripe.Event) == []


def test_the_pinned_version_is_the_sdks_own():
    assert stripe.api_version == module.API_VERSION


def test_a_misspelt_parameter_is_refused_however_deep(client):
    wrong = json.loads(json.dumps(ORDER))
    wrong["line_items"][0]["price_data"]["unitamount"] = wrong["line_items"][0]["price_data"].pop("unit_amount")
    with pytest.raises(stripe.InvalidRequestError, match=r"unitamount: unknown parameter"):
        client.v1.checkout.sessions.create(wrong)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "pay"}, "not one of"),
        ({"ui_mode": "nonsense"}, "not one of"),
        ({"expires_at": int(time.time()) + 60}, "30 minutes"),
        ({"line_items": [{"quantity": "one", "price_data": ORDER["line_items"][0]["price_data"]}]}, "is not int"),
    ],
)
def test_wrong_values_are_refused(change, words, client):
    with pytest.raises(stripe.InvalidRequestError, match=words):
        client.v1.checkout.sessions.create(ORDER | change)


def test_only_sandbox_keys_are_taken(gateway):
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_live_x", base_addresses={"api": gateway.url}).v1.refunds.list({})


def test_idempotency_replays_and_refuses_other_parameters(client):
    first, second = (client.v1.checkout.sessions.create(ORDER, {"idempotency_key": "k1"}) for _ in range(2))
    assert first.id == second.id
    assert second.last_response.headers["idempotent-replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(ORDER | {"cancel_url": "http://127.0.0.1/no"}, {"idempotency_key": "k1"})


def test_an_answer_that_gets_lost_is_the_same_answer_later(gateway, client):
    before = len(gateway.gateway.store.of_kind("checkout.session"))
    gateway.api.faults[:] = ["lose_answer"]
    client.v1.checkout.sessions.create(ORDER)  # the SDK tries again by itself, with the same key
    assert len(gateway.gateway.store.of_kind("checkout.session")) == before + 1


def test_forms_are_read_as_stripe_reads_them():
    assert decode_form("a[b][0][c]=1&a[b][1][c]=2&d=&e[0]=x") == {
        "a": {"b": [{"c": "1"}, {"c": "2"}]},
        "d": "",
        "e": ["x"],
    }


def test_the_check_is_not_blind():
    expected = params("checkout.SessionCreateParams")
    good = decode_form("mode=payment&success_url=x&line_items[0][quantity]=1")
    assert list(problems(good, expected, wire=True)) == []
    for bad in ("mode=payment&line_items[0][amount]=1", "mode=x", "line_items=1", "adaptive_pricing[enabled]=maybe"):
        assert list(problems(decode_form(bad), expected, wire=True)) != [], bad


@pytest.mark.parametrize(
    ("sandbox", "key", "base", "site"),
    [
        (False, "sk_sandbox_x", "", "http://127.0.0.1:8000"),
        (False, "sk_sandbox_x", "http://127.0.0.1:1", "http://127.0.0.1:8000"),
        (False, "sk_live_x", "http://127.0.0.1:1", "https://portal.example.com"),
        (True, "sk_live_x", "http://127.0.0.1:1", "http://127.0.0.1:8000"),
        (True, "sk_test_x", "http://127.0.0.1:1", "http://127.0.0.1:8000"),
        (True, "sk_sandbox_x", "", "http://127.0.0.1:8000"),
        (True, "sk_sandbox_x", "http://10.0.0.1:1", "http://127.0.0.1:8000"),
        (True, "sk_sandbox_x", "http://127.0.0.1.evil.example", "http://127.0.0.1:8000"),
        (True, "sk_sandbox_x", "http://127.0.0.1@evil.example", "http://127.0.0.1:8000"),
        (True, "sk_sandbox_x", "http://127.0.0.1:1", "https://portal.example.com"),
        (True, "", "http://127.0.0.1:1", "http://127.0.0.1:8000"),
    ],
)
def test_the_sandbox_is_refused_unless_everything_is_on_this_machine(sandbox, key, base, site, settings):
    settings.SANDBOX, settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.SITE_URL = sandbox, key, base, site
    with pytest.raises(ImproperlyConfigured):
        check_config()


def test_what_is_right_is_accepted(settings):
    settings.SANDBOX, settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = False, "sk_live_x", ""
    check_config()
    assert livemode() is True
    settings.CURRENCY = "JPY"
    with pytest.raises(ImproperlyConfigured, match="hundredths"):
        check_config()


def test_it_runs_as_a_process_and_delivers_signed_events():
    """``python -m sandbox.gateway`` as the demo starts it."""
    received = []

    class Portal(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    portal = HTTPServer(("127.0.0.1", 0), Portal)
    portal.timeout = 20
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.gateway", "--webhook-url", f"http://127.0.0.1:{portal.server_port}/hook"],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"SANDBOX_WEBHOOK_SECRET": "whsec_process"},
    )  # fmt: skip
    try:
        url = process.stdout.readline().split()[-1]
        session = stripe.StripeClient("sk_sandbox_p", base_addresses={"api": url}).v1.checkout.sessions.create(ORDER)
        with urllib.request.urlopen(session.url) as page:
            assert "no money moves" in page.read().decode()
        order = json.dumps({"session": session.id}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{url}/sandbox/pay", order)).close()
        for _ in range(2):
            portal.handle_request()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
        portal.server_close()
    assert {json.loads(body)["type"] for body, _ in received} == {
        "payment_intent.succeeded", "checkout.session.completed",
    }  # fmt: skip
    for body, signature in received:
        assert stripe.WebhookSignature.verify_header(body.decode(), signature, "whsec_process", 300)
