"""A total time for talking to another server.

The time-out of a socket counts from byte to byte: whoever sends one byte a second keeps a caller for ever. Inside
``within(seconds)`` the time is counted as a whole: when it is over, the watched connections are shut down, and
whoever reads from them gets the error of a connection that broke.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Protocol

CONNECT_SECONDS = 2.0  # name, address and handshake of TCP
TOTAL_SECONDS = 5.0


class Line(Protocol):
    """A connection that names its socket, as those of http.client and smtplib do."""

    sock: Any


class Deadline:
    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self._lines: list[Line] = []
        self._lock = threading.Lock()

    def left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("The total time is over.")
        return left

    def watch(self, line: Line) -> None:
        """``line`` is shut down when the time is over. Raises TimeoutError when it is over already."""
        with self._lock:
            self.left()
            self._lines.append(line)

    def enforce(self) -> None:
        with self._lock:
            for line in self._lines:
                # Not the method of an SSL socket: it would take the cipher away from under the reader.
                with suppress(OSError, TypeError):
                    socket.socket.shutdown(line.sock, socket.SHUT_RDWR)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[Deadline]:
    """Connections opened or used in here are bounded together by ``seconds``. An outer limit stays in force."""
    outer = _current.get()
    deadline = Deadline(seconds if outer is None else min(seconds, outer.left()))
    timer = threading.Timer(deadline.left(), deadline.enforce)
    timer.daemon = True
    timer.start()
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)
        timer.cancel()


def watch(line: Line) -> None:
    """Puts ``line`` under the limit that is in force here, if there is one."""
    if deadline := _current.get():
        deadline.watch(line)


def connect(host: str, port: int, *, seconds: float = CONNECT_SECONDS) -> socket.socket:
    """A TCP connection; finding the address is part of ``seconds``. It then waits ``TOTAL_SECONDS`` for a byte.

    Raises OSError (TimeoutError, socket.gaierror, ConnectionRefusedError …).
    """
    outer = _current.get()
    limit = Deadline(seconds if outer is None else min(seconds, outer.left()))
    refused: OSError = OSError(f"{host} has no address.")
    for address in _addresses(host, port, limit.left()):
        try:
            line = socket.create_connection(address, timeout=limit.left())
        except OSError as error:
            refused = error
        else:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.settimeout(TOTAL_SECONDS)
            return line
    raise refused


def _addresses(host: str, port: int, seconds: float) -> list[Any]:
    """A thread of its own: the resolver of the system knows no limit but its own, which may be half a minute."""
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append([entry[4][:2] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError(f"No address for {host} in time.")
    if isinstance(found[0], UnicodeError):
        raise OSError(f"{host!r} is no name of a server.") from found[0]
    if isinstance(found[0], OSError):
        raise found[0]
    return list(found[0])
