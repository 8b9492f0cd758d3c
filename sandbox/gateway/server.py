"""The HTTP around the gateway: Stripe's API, the hosted page, the desk and the switches. Loopback only."""

import json
import re
import threading
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from sandbox.gateway import pages
from sandbox.gateway.actions import Gateway
from sandbox.gateway.api import Api, request_id
from sandbox.gateway.control import Control
from sandbox.gateway.objects import GatewayError
from sandbox.gateway.webhooks import Deliveries

PAY = re.compile(r"/pay/(cs_test_[0-9a-f]+)")
DESK = re.compile(r"/desk/(cs_test_[0-9a-f]+)")
CONTROL = re.compile(r"/sandbox/([a-z_]+)")


class Sandbox:
    """Everything together. ``secrets`` sign the webhooks; ``port`` 0 takes a free one."""

    def __init__(self, webhook_url: str, secrets: list[str], *, port: int = 0, mode: str = "auto") -> None:
        self.deliveries = Deliveries(webhook_url, secrets, mode)
        self.gateway = Gateway(self.deliveries.tell)
        self.api = Api(self.gateway, self.deliveries)
        self.control = Control(self.gateway, self.deliveries, self.api)
        handler = type("Handler", (_Handler,), {"sandbox": self})
        self.http = _Server(("127.0.0.1", port), handler)  # the address is not configurable
        self.url = self.gateway.base_url = f"http://127.0.0.1:{self.http.server_port}"

    def start(self) -> "Sandbox":
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class _Handler(BaseHTTPRequestHandler):
    sandbox: Sandbox
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body in one packet
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path.startswith("/v1/"):
            self._api("GET", address.path, address.query)
        elif address.path == "/":
            self._answer(200, pages.desk(self.sandbox.gateway), policy=pages.policy())
        elif address.path == "/gateway.css":
            self._answer(200, pages.STYLE, kind="text/css")
        elif address.path == "/health":
            self._answer(200, "ok\n", kind="text/plain")
        elif found := PAY.fullmatch(address.path):
            self._guarded(self._pay_page, found[1])
        else:
            self._answer(404, pages.page("Not found", "<main class='card'><h1>Not found</h1></main>"))

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if path.startswith("/v1/"):
            self._api("POST", path, body)
        elif found := PAY.fullmatch(path):
            self._guarded(self._pay, found[1], _action(body))
        elif found := DESK.fullmatch(path):
            self._guarded(self._desk, found[1], _action(body))
        elif found := CONTROL.fullmatch(path):
            self._guarded(self._control, found[1], body, as_json=True)
        else:
            self._answer(404, "Not found\n", kind="text/plain")

    def _api(self, method: str, path: str, text: str) -> None:
        fault = self.sandbox.api.next_fault()
        if fault == "refuse":
            self.close_connection = True
            return
        if fault.isdecimal():
            self._answer(int(fault), json.dumps({"error": {"type": "api_error", "message": "fault"}}), kind="json")
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, body, extra = self.sandbox.api.handle(method, path, text, headers)
        if fault == "lose_answer":
            self.close_connection = True
            return
        self._answer(status, body, kind="json", headers=extra | {"Request-Id": request_id()})

    def _pay_page(self, session_id: str) -> None:
        gateway = self.sandbox.gateway
        session = gateway.retrieve_session(session_id)
        intent = gateway.store.get(session["payment_intent"]) if session["payment_intent"] else None
        self._answer(200, pages.pay_page(session, intent), policy=pages.policy(session))

    def _pay(self, session_id: str, action: str) -> None:
        session = self.sandbox.gateway.retrieve_session(session_id)
        if action == "cancel":
            return self._redirect(session["cancel_url"] or "/")
        if action not in {"paid", "declined", "later"} or session["status"] != "open":
            return self._redirect(self.path)
        self._redirect(self.sandbox.gateway.pay(session_id, action) or self.path)

    def _desk(self, session_id: str, action: str) -> None:
        try:
            pages.act(self.sandbox.gateway, session_id, action)
        except GatewayError as error:
            self._answer(error.status, pages.desk(self.sandbox.gateway, str(error)), policy=pages.policy())
        else:
            self._redirect("/")

    def _control(self, name: str, body: str) -> None:
        given = json.loads(body or "{}")
        self._answer(200, json.dumps(self.sandbox.control.handle(name, given)), kind="json")

    def _guarded(self, work: Callable[..., None], *given: str, as_json: bool = False) -> None:
        try:
            work(*given)
        except GatewayError as error:
            text = f"<main class='card'><h1>{escape(str(error))}</h1></main>"
            if as_json:
                self._answer(error.status, json.dumps(error.body), kind="json")
            else:
                self._answer(error.status, pages.page("Not possible", text))

    def _redirect(self, address: str) -> None:
        self._answer(303, "", headers={"Location": address})

    def _answer(
        self,
        status: int,
        text: str,
        *,
        kind: str = "text/html",
        policy: str = "default-src 'none'; style-src 'self'",
        headers: dict[str, str] | None = None,
    ) -> None:
        content = text.encode()
        media = "application/json" if kind == "json" else f"{kind}; charset=utf-8"
        self.send_response(status)
        for name, value in {
            "Content-Type": media, "Content-Length": str(len(content)), "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", **(headers or {}),
        }.items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def _action(body: str) -> str:
    return parse_qs(body).get("action", [""])[0]
