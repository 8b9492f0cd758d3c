"""Pages of the pretend world: what its small servers have in common."""

from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

MOST_BODY = 64 * 1024  # bytes
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class PageHandler(BaseHTTPRequestHandler):
    """Answers with the headers of a private page, and logs nothing."""

    policy = POLICY

    def answer(self, body: str, *, kind: str = "text/html", status: int = 200, policy: str = "") -> None:
        content = body.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("Content-Security-Policy", policy or self.policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def body(self) -> bytes | None:
        """None when it is too long, or its length is not said; that has been answered then."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MOST_BODY:
            self.answer("Too long", kind="text/plain", status=413)
            return None
        return self.rfile.read(int(length))

    def redirect(self, to: str) -> None:
        self.send_response(303)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the polling of open pages says nothing."""


def fields(encoded: str, usual: dict[str, str]) -> dict[str, str]:
    """Of a form or a query, each with its usual value where it is not given."""
    sent = parse_qs(encoded, keep_blank_values=True)
    return {name: sent.get(name, [value])[0].strip() for name, value in usual.items()}


def serve(handler: type[BaseHTTPRequestHandler], port: int) -> None:
    """Until it is interrupted."""
    web = ThreadingHTTPServer(("127.0.0.1", port), handler)
    web.daemon_threads = True
    with suppress(KeyboardInterrupt):
        web.serve_forever()
