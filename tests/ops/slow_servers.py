"""Servers that accept a connection and then do not do what they should."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket, threading.Event], None]


@contextlib.contextmanager
def serving(talk: Talk) -> Iterator[int]:
    """The port of a server that hands each connection to ``talk``, in a thread; the event is set at the end."""
    over, listener = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def one(line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            talk(line, over)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()


def drip(line: socket.socket, over: threading.Event, *, what: bytes = b"x") -> None:
    """A byte now and then for ten seconds, each long before any time-out between two bytes."""
    for _ in range(200):
        if over.wait(0.05):
            return
        line.sendall(what)


def silent(line: socket.socket, over: threading.Event) -> None:
    over.wait(60)


@contextlib.contextmanager
def deaf() -> Iterator[int]:
    """The port of a server whose queue of connections is full: nobody gets through to it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    address = listener.getsockname()
    waiting = []
    try:
        for _ in range(4):
            line = socket.socket()
            line.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                line.connect(address)
            waiting.append(line)
        yield address[1]
    finally:
        for line in [*waiting, listener]:
            line.close()
