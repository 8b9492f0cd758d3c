"""Events, signed as Stripe signs them, and handed over at least once: again and again until the portal says 2xx."""

import hashlib
import hmac
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import stripe

from sandbox.gateway.objects import Object, new_id, view

PAUSES = (0.5, 2, 10, 60, 300)  # seconds between attempts
THREADS = 4


def sign(payload: str, secrets: list[str], at: int | None = None) -> str:
    at = int(time.time()) if at is None else at
    digests = [hmac.new(s.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest() for s in secrets]
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])


class Deliveries:
    """Modes: ``auto`` hands over at once; ``hold`` keeps events until they are asked for; ``lose`` never does."""

    def __init__(self, webhook_url: str, secrets: list[str], mode: str = "auto") -> None:
        self.webhook_url, self.secrets, self.mode = webhook_url, secrets, mode
        self.events: list[Object] = []
        self._waiting: queue.Queue[tuple[Object, int]] = queue.Queue()
        for _ in range(THREADS):
            threading.Thread(target=self._work, daemon=True).start()

    def tell(self, kind: str, about: Object) -> Object:
        event: Object = {
            "id": new_id("evt"), "object": "event", "api_version": stripe.api_version, "created": int(time.time()),
            "livemode": False, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None},
            "type": kind, "data": {"object": view(about)}, "_delivered": False,
        }  # fmt: skip
        self.events.append(event)
        if self.mode == "auto":
            self._waiting.put((event, 0))
        return event

    def _work(self) -> None:
        while True:
            event, attempt = self._waiting.get()
            if not 200 <= self.deliver(event) < 300 and attempt < len(PAUSES):
                timer = threading.Timer(PAUSES[attempt], self._waiting.put, [(event, attempt + 1)])
                timer.daemon = True
                timer.start()

    def deliver(self, event: Object) -> int:
        """One attempt. The portal's status; 0 when there was no answer."""
        status = self.send(json.dumps(view(event), indent=2))
        if 200 <= status < 300:
            event["_delivered"], event["pending_webhooks"] = True, 0
        return status

    def send(self, payload: str, signature: str | None = None) -> int:
        if not self.webhook_url:
            return 0
        request = urllib.request.Request(
            self.webhook_url,
            payload.encode(),
            {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": sign(payload, self.secrets) if signature is None else signature,
                "User-Agent": "Stripe/1.0 (sandbox gateway)",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def undelivered(self) -> list[Object]:
        return [event for event in self.events if not event["_delivered"]]

    def listed(self, given: dict[str, Any]) -> list[Object]:
        """``GET /v1/events``: newest first."""
        since = int(given.get("created", {}).get("gte", 0)) if isinstance(given.get("created"), dict) else 0
        delivered = given.get("delivery_success")
        return [
            event
            for event in reversed(self.events)
            if event["created"] >= since
            and (delivered is None or event["_delivered"] is (delivered == "true"))
            and ("type" not in given or event["type"] == given["type"])
            and ("types" not in given or event["type"] in given["types"])
        ]
