"""What a stranger can do to a web server with few connections: slow bodies, slow headers, answers that nobody reads.

Each is a context manager that keeps the attack up for as long as its block runs; a connection that the server closes is
opened again.
"""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from time import monotonic, sleep

Wire = socket.socket


def _hold(port: int, begin: bytes, drip: bytes, over: threading.Event) -> None:
    """One connection after the other: sends ``begin``, then ``drip`` each second, and reads nothing."""
    while not over.is_set():
        try:
            with Wire() as wire:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                wire.settimeout(2)
                wire.connect(("127.0.0.1", port))
                wire.sendall(begin)
                while not over.wait(1):
                    if drip:
                        wire.sendall(drip)
                    elif _closed(wire):
                        break
        except OSError:
            over.wait(0.05)


def _closed(wire: Wire) -> bool:
    """Without taking anything from what the server has sent."""
    try:
        return wire.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


@contextmanager
def _running(threads: list[threading.Thread], over: threading.Event) -> Iterator[None]:
    """They begin, and end when ``over`` is set."""
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@contextmanager
def _held(port: int, count: int, begin: bytes, drip: bytes = b"") -> Iterator[None]:
    over = threading.Event()
    threads = [threading.Thread(target=_hold, args=(port, begin, drip, over)) for _ in range(count)]
    with _running(threads, over):
        yield


def slow_bodies(port: int, path: str, count: int = 20) -> AbstractContextManager[None]:
    """Forms of 1000 bytes, a byte a second."""
    return _held(port, count, _form(path), b"b")


def silent_bodies(port: int, path: str, count: int = 20) -> AbstractContextManager[None]:
    """Forms that never come."""
    return _held(port, count, _form(path))


def slow_headers(port: int, count: int = 200) -> AbstractContextManager[None]:
    return _held(port, count, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X-a: b\r\n")


def non_readers(port: int, path: str, count: int = 10, pipelined: int = 20) -> AbstractContextManager[None]:
    return _held(port, count, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * pipelined)


def _form(path: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    ).encode()


@contextmanager
def repeated(act: Callable[[], object], count: int, pause: float = 0.25) -> Iterator[None]:
    """``count`` threads that do it again and again, by default a quarter of a second after each answer: no load, only
    waiting."""
    over = threading.Event()

    def go() -> None:
        while not over.is_set():
            with suppress(OSError, HTTPException):
                act()
            over.wait(pause)

    threads = [threading.Thread(target=go) for _ in range(count)]
    with _running(threads, over):
        yield


# -- the others --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Client:
    """One who asks for the same address again and again on one connection. ``kind`` groups the measurements."""

    kind: str
    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """Seconds of each answer; ``wrong`` are the statuses and failures that were not the expected 200."""

    waits: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        return sorted(self.waits)[min(int(len(self.waits) * share), len(self.waits) - 1)]


def measure(clients: Sequence[Client], seconds: float, patience: float = 5.0, pause: float = 0.02) -> dict[str, Seen]:
    """All clients at once, for so long. What does not come within ``patience`` counts as that long and as wrong."""
    seen = {client.kind: Seen() for client in clients}
    until = monotonic() + seconds

    def go(client: Client) -> None:
        mine, wire = seen[client.kind], HTTPConnection("127.0.0.1", client.port, timeout=patience)
        while monotonic() < until:
            began = monotonic()
            try:
                wire.request("GET", client.path, headers=dict(client.headers))
                response = wire.getresponse()
                response.read()
                if response.status != 200:
                    mine.wrong.append(f"{client.path}: {response.status}")
            except (OSError, HTTPException) as error:
                mine.wrong.append(f"{client.path}: {type(error).__name__}")
                wire.close()
            mine.waits.append(monotonic() - began)
            sleep(pause)
        wire.close()

    threads = [threading.Thread(target=go, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen
