"""Servers of customers, on loopback: each says what it was asked, and answers what the test says."""

import contextlib
import socket
import struct

from tests.ops.slow_servers import drip, serving, silent

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
__all__ = ["OK", "Server", "closed", "drip", "reset", "serving", "silent"]


class Server:
    """``answers``: for each connection in turn, what is answered to its requests one by one; then it is closed.

    The last entry holds for all further connections. ``requests`` has what each connection asked.
    """

    def __init__(self, *answers, tls=None):
        self._answers, self._tls, self.requests = list(answers), tls, []

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        self.port = self._stack.enter_context(serving(self._talk))
        return self

    def __exit__(self, *_):
        self._stack.close()

    def url(self, path="/", host="hooks.example.com"):
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    @property
    def connections(self):
        return len(self.requests)

    @property
    def asked(self):
        return [request for connection in self.requests for request in connection]

    def _talk(self, line, over):
        mine = []
        self.requests.append(mine)
        answers = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if self._tls is not None:
            line = self._tls.wrap_socket(line, server_side=True)
        for answer in answers:
            request = read_request(line)
            if request is None:
                return
            mine.append(request)
            if callable(answer):
                answer(line, over)
            else:
                line.sendall(answer)
        if not answers:
            read_request(line)


def read_request(line):
    """Head and body; None when the connection ends before."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := line.recv(65536)):
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(each[15:]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def closed():
    """The port of nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        yield taken.getsockname()[1]


def reset(line, over):
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
