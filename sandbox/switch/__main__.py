"""``python -m sandbox.switch --port 8004 --portal http://127.0.0.1:8003 --back http://127.0.0.1:8000``

The secret of the switch comes from the environment, SANDBOX_SWITCH_SECRET.
"""

import argparse
import os
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from sandbox.switch import pages
from sandbox.switch.calls import ENDINGS, Portal, PretendCall

MOST_BODY, LONGEST = 4096, 14_400  # bytes, seconds
USUAL = {"did": "", "caller": "+442079460001", "ending": "answered", "seconds": "30"}


class Handler(BaseHTTPRequestHandler):
    portal: Portal
    back: str

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/switch.css":
            self.answer(pages.STYLE, kind="text/css")
        elif address.path == "/":
            self.answer(pages.form(**self.given(address.query), back=self.back))
        else:
            self.answer("Not found", kind="text/plain", status=404)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BODY:
            self.answer("Too long", kind="text/plain", status=413)
            return
        given = self.given(self.rfile.read(int(length)).decode("utf-8", "replace"))
        if error := _error(given):
            self.answer(pages.form(**given, back=self.back, error=error), status=422)
            return
        call = PretendCall(given["did"], given["caller"], given["ending"], int(given["seconds"])).make(self.portal)
        self.answer(pages.form(**given, back=self.back, done=pages.outcome(call)))

    def given(self, encoded: str) -> dict[str, str]:
        sent = parse_qs(encoded, keep_blank_values=True)
        return {name: sent.get(name, [usual])[0].strip() for name, usual in USUAL.items()}

    def answer(self, body: str, *, kind: str = "text/html", status: int = 200) -> None:
        content = body.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("Content-Security-Policy", pages.POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def _error(given: dict[str, str]) -> str:
    if not given["did"]:
        return "Enter the number that is called."
    if given["ending"] not in ENDINGS:
        return "Choose what happens."
    seconds = given["seconds"]
    if not (seconds.isascii() and seconds.isdecimal() and 0 < int(seconds) <= LONGEST):
        return f"Seconds are a whole number from 1 to {LONGEST}."
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description="The demo's switch.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--portal", required=True, help="address of the carrier API")
    parser.add_argument("--back", required=True, help="address of the portal's pages")
    parser.add_argument("--switch-id", default="demo-switch")
    options = parser.parse_args()
    Handler.portal = Portal(options.portal, options.switch_id, os.environ["SANDBOX_SWITCH_SECRET"])
    Handler.back = options.back
    web = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    web.daemon_threads = True
    with suppress(KeyboardInterrupt):
        web.serve_forever()


if __name__ == "__main__":
    main()
