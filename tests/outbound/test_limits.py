"""Servers that drip, and servers that never stop: time and size of an answer."""

import pytest

from portal.outbound.client import Failure, Limits
from tests.ops.slow_servers import deaf
from tests.outbound.sending import answer, post
from tests.outbound.servers import Server, drip, silent

SHORT = Limits(connect=0.3, total=0.6)


def status_then(line, over):
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    drip(line, over)


def head_then(line, over):
    line.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
    drip(line, over)


def hints(line, over):
    drip(line, over, what=b"HTTP/1.1 103 Early Hints\r\n\r\n")


@pytest.mark.parametrize(
    ("slow", "status", "detail"),
    [
        (silent, None, "The server gave no answer within 0.6 seconds."),
        (head_then, None, "The server gave no answer within 0.6 seconds."),
        (hints, None, "The server gave no answer within 0.6 seconds."),
        (status_then, 200, "The answer was not complete within 0.6 seconds."),
    ],
)
def test_whoever_drips_is_left_at_the_deadline(couriers, slow, status, detail):
    with Server([slow]) as server:
        found = answer(couriers(limits=SHORT), post(server.url()))
    assert (found.status, found.detail) == (status, detail)
    assert found.failure == Failure.TIMEOUT
    assert 0.6 <= found.seconds < 3


def flood(beginning, piece):
    def talk(line, over):
        line.sendall(beginning)
        while not over.is_set():
            line.sendall(piece)

    return talk


@pytest.mark.parametrize(
    "answered",
    [
        flood(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000),
        flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n"),
        flood(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n", b"x" * 10_000),
        b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n" + b"x" * 65_537,
    ],
)
def test_more_than_64_kb(couriers, answered):
    with Server([answered]) as server:
        found = answer(couriers(), post(server.url()))
    assert (found.failure, found.detail) == (Failure.TOO_LARGE, "The answer is larger than 64 kB.")
    assert (found.status, len(found.body)) == (200, 65_536)


def test_64_kb_are_not_too_many(couriers):
    with Server([b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n" + b"x" * 65_536]) as server:
        found = answer(couriers(), post(server.url()))
    assert (found.failure, len(found.body)) == (None, 65_536)


@pytest.mark.parametrize(
    "answered",
    [
        flood(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n" * 100),
        flood(b"HTTP/1.1 200 OK\r\nX-A: ", b"x" * 10_000),
        flood(b"HTTP/1.1 200 ", b"x" * 10_000),
        flood(b"HTTP/1.1 200 OK\r\n" + b"x" * 1000, b"x" * 10_000),
    ],
)
def test_headers_without_end(couriers, answered):
    with Server([answered]) as server:
        found = answer(couriers(), post(server.url()))
    assert (found.failure, found.detail) == (Failure.TOO_LARGE, "The answer’s headers are too large.")


def test_so_many_headers_as_are_allowed_are_not_all_kept(couriers):
    lines = b"".join(b"X-%03d: %b\r\n" % (number, b"x" * 1000) for number in range(90))
    with Server([b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 0\r\n\r\n"]) as server:
        found = answer(couriers(), post(server.url()))
    assert (found.failure, len(found.headers)) == (None, 16)


def test_nobody_accepts(couriers):
    with deaf() as port:
        found = answer(couriers(limits=SHORT), post(f"http://hooks.example.com:{port}/"))
    assert found.failure == Failure.TIMEOUT
    assert found.detail == "The server accepted no connection within 0.3 seconds."
