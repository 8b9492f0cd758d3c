"""A customer's server: really listens on loopback, and answers as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]  # names in small letters
    body: bytes

    @property
    def parameters(self):
        """Of a POST its JSON, of a GET its query."""
        if self.method == "POST":
            return json.loads(self.body)
        return dict(parse_qsl(self.path.partition("?")[2], keep_blank_values=True))


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Behave = Callable[[Received], "Reply | None"]  # None: no answer until the receiver ends


@dataclass
class Receiver:
    port: int
    received: list[Received]
    behave: Behave
    released: threading.Event

    @property
    def url(self) -> str:
        return self.at("/in")

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answers(self, status: int = 200, body: bytes | str = b"", **headers: str) -> None:
        """From now on. Underscores in names of headers stand for hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = Reply(status, body.encode() if isinstance(body, str) else body, given)
        self.behave = lambda _: reply

    def hangs(self) -> None:
        self.behave = lambda _: None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # more than come at once: what waits longer than a second to connect is a time-out


@contextmanager
def receiver() -> Iterator[Receiver]:
    found = Receiver(0, [], lambda _: Reply(), threading.Event())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.command, self.path, headers, body)
            found.received.append(request)
            reply = found.behave(request)
            if reply is None:
                found.released.wait(60)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def do_GET(self):
            self.handle_any()

        def do_POST(self):
            self.handle_any()

        def log_message(self, *_):
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        found.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
