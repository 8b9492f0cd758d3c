"""Switches for tests and for trying things out: ``POST /sandbox/<name>`` with a JSON body.

``faults``      ``{"next": ["refuse", "500", "lose_answer"]}``: what the next API requests meet
``deliveries``  ``{"mode": "auto" | "hold" | "lose"}``
``release``     ``{"copies": 2, "shuffle": true}``: hands over what was held, one attempt each; answers the statuses
``pay``, ``finish``, ``refund``, ``dispute``, ``expire``: what the buttons of the pages do
"""

import random
from typing import Any

from sandbox.gateway.actions import Gateway
from sandbox.gateway.api import Api
from sandbox.gateway.objects import GatewayError, bad_request
from sandbox.gateway.webhooks import Deliveries

FAULTS = {"refuse", "500", "429", "lose_answer"}
MODES = {"auto", "hold", "lose"}


class Control:
    def __init__(self, gateway: Gateway, deliveries: Deliveries, api: Api) -> None:
        self.gateway, self.deliveries, self.api = gateway, deliveries, api

    def handle(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        action = getattr(self, f"do_{name}", None)
        if action is None:
            raise GatewayError(404, "invalid_request_error", f"There is no switch {name!r}.")
        try:
            return action(**given) or {}
        except (TypeError, KeyError, ValueError) as error:
            raise bad_request(f"{type(error).__name__}: {error}") from error

    def do_faults(self, next: list[str]) -> None:
        if not FAULTS.issuperset(next):
            raise ValueError(f"known faults: {sorted(FAULTS)}")
        self.api.faults[:] = next

    def do_deliveries(self, mode: str) -> None:
        if mode not in MODES:
            raise ValueError(f"known modes: {sorted(MODES)}")
        self.deliveries.mode = mode

    def do_release(self, copies: int = 1, shuffle: bool = False) -> dict[str, Any]:
        events = self.deliveries.undelivered() * copies
        if shuffle:
            random.shuffle(events)
        return {"statuses": [self.deliveries.deliver(event) for event in events]}

    def do_pay(self, session: str, outcome: str = "paid") -> dict[str, Any]:
        return {"location": self.gateway.pay(session, outcome)}

    def do_finish(self, session: str, arrives: bool = True) -> None:
        self.gateway.finish_later(session, arrives=arrives)

    def do_refund(self, payment_intent: str, amount: int | None = None) -> dict[str, Any]:
        given = {"payment_intent": payment_intent} | ({"amount": str(amount)} if amount else {})
        return {"refund": self.gateway.create_refund(given)["id"]}

    def do_dispute(self, payment_intent: str, amount: int | None = None) -> dict[str, Any]:
        return {"dispute": self.gateway.dispute(payment_intent, amount)["id"]}

    def do_close_dispute(self, dispute: str, won: bool) -> None:
        self.gateway.close_dispute(dispute, won=won)

    def do_expire(self, session: str) -> None:
        self.gateway.expire(session)
