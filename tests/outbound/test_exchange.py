"""One request and its answer: what is sent, what is taken, and what happens to answers that are none."""

import gzip
import json

import pytest

from portal.outbound.client import Failure, Limits
from portal.outbound.exchange import RESERVED_HEADERS
from tests.outbound.sending import answer, post
from tests.outbound.servers import OK, Server, closed, drip, reset

SHORT = Limits(connect=0.3, total=0.6)


def test_what_is_sent(couriers):
    path = "/In%2fcoming;a=1/%e4/../b?to=%2B1&x=a+b&y=[1]&z=%20&z="
    with Server([OK, OK, OK]) as server:
        url = server.url(path)
        post_it, get_it, empty = (
            post(url, b'{"a": 1}', **{"Content-Type": "application/json", "Webhook-Id": "msg_1"}),
            post(url, b"", method="GET", Authorization="Basic eDp5"),
            post(url, b""),
        )
        courier = couriers()
        for request in (post_it, get_it, empty):
            assert answer(courier, request).status == 200
    first, second, third = (each.decode() for each in server.asked)
    host = f"Host: hooks.example.com:{server.port}\r\n"
    assert first == (
        f"POST {path} HTTP/1.1\r\n{host}Content-Type: application/json\r\nWebhook-Id: msg_1\r\n"
        'Accept-Encoding: identity\r\nAccept: */*\r\nContent-Length: 8\r\n\r\n{"a": 1}'
    )
    assert second == (
        f"GET {path} HTTP/1.1\r\n{host}Authorization: Basic eDp5\r\nAccept-Encoding: identity\r\nAccept: */*\r\n\r\n"
    )
    assert third.endswith("Content-Length: 0\r\n\r\n")


@pytest.mark.parametrize("status", [200, 202, 204, 301, 302, 304, 307, 400, 404, 410, 429, 500, 503, 599])
def test_every_status_is_an_answer(couriers, status):
    body = b"" if status in (204, 304) else b"{}"
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nRetry-After: 7\r\nX-A: 1\r\nx-a: 2\r\n"
    with Server([head.encode() + b"Location: /b\r\n\r\n" + body]) as server:
        found = answer(couriers(), post(server.url()))
        assert (found.failure, found.detail, found.status, found.body) == (None, "", status, body)
        assert (found.headers["retry-after"], found.headers["x-a"]) == ("7", "1, 2")
        assert found.address == "127.0.0.1"
        assert 0 < found.seconds < 15
        assert len(server.asked) == 1


def test_an_answer_without_length_ends_with_its_connection(couriers):
    with Server([b"HTTP/1.1 200 OK\r\n\r\nall of it"]) as server:
        assert answer(couriers(), post(server.url())).body == b"all of it"


def test_chunks(couriers):
    with Server(
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"]
    ) as server:
        assert answer(couriers(), post(server.url())).body == b"abcde"


def test_answers_on_the_way_are_not_the_answer(couriers):
    with Server([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + OK]) as server:
        found = answer(couriers(), post(server.url()))
    assert (found.status, found.body) == (200, b"ok")


def test_what_is_packed_stays_packed(couriers):
    """No small answer becomes a large one here."""
    bomb = gzip.compress(b"\0" * 5_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with Server([head + bomb]) as server:
        found = answer(couriers(), post(server.url()))
    assert (found.failure, found.body) == (None, bomb)


def test_no_cookies_are_kept(couriers):
    with Server([b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n", OK]) as server:
        courier = couriers()
        found = answer(courier, post(server.url()))
        answer(courier, post(server.url()))
    assert found.headers["set-cookie"] == "a=b; Path=/"
    assert b"cookie" not in server.asked[1].lower()


@pytest.mark.parametrize(
    ("answered", "detail"),
    [
        (b"", "The server closed the connection without an answer."),
        (reset, "The server closed the connection without an answer."),
        (b"HTTP/1.1 200 OK\r\nX-", "The server closed the connection without an answer."),
        (drip, "What the server answered is not HTTP."),  # of x: no answer begins so
        (b"SSH-2.0-OpenSSH_9.2\r\n", "What the server answered is not HTTP."),
        (b"\x16\x03\x01\x02\x00\x01\x00", "What the server answered is not HTTP."),
        (b"HTTP/1.1 abc OK\r\n\r\n", "What the server answered is not HTTP."),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "What the server answered is not HTTP."),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            "The answer broke off, or its length or chunks are wrong.",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "What the server answered is not HTTP."),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "The answer broke off, or its length or chunks are wrong.",
        ),
    ],
)
def test_answers_that_are_none(couriers, answered, detail):
    with Server([answered]) as server:
        found = answer(couriers(), post(server.url()))
        assert len(server.asked) == 1
    assert (found.failure, found.detail) == (Failure.PROTOCOL, detail)


def test_a_switch_to_another_protocol_is_not_followed(couriers):
    with Server(
        [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nxxxx"]
    ) as server:
        found = answer(couriers(limits=SHORT), post(server.url()))
    assert found.status == 101
    assert len(found.body) <= 65_536


def test_nobody_listens(couriers):
    with closed() as port:
        found = answer(couriers(), post(f"http://hooks.example.com:{port}/"))
    assert found.failure == Failure.CONNECT
    assert (found.detail, found.address) == ("Nothing accepts connections at this port of the server.", "")


def test_the_next_address_is_tried_where_nobody_listens_at_the_first(couriers):
    with Server([OK]) as server:
        courier = couriers(look_up=lambda host: ["127.0.0.9", "::1", "127.0.0.1"])
        assert answer(courier, post(server.url())).address == "127.0.0.1"


@pytest.mark.parametrize("found", [OSError("no such host"), UnicodeError("label too long"), []])
def test_names_without_an_address(couriers, found):
    def look_up(host):
        if isinstance(found, Exception):
            raise found
        return found

    outcome = answer(couriers(look_up=look_up), post("http://nobody.example.com:80/"))
    assert (outcome.failure, outcome.detail) == (Failure.DNS, "The host name has no address.")


@pytest.mark.parametrize("name", sorted(RESERVED_HEADERS))
def test_headers_that_are_ours(couriers, name):
    with Server([OK]) as server:
        found = answer(couriers(), post(server.url(), **{name.title(): "1"}))
        assert server.connections == 0
    assert (found.failure, found.detail) == (Failure.PROTOCOL, f"The header {name} cannot be set.")


@pytest.mark.parametrize(
    "headers", [{"X-A": "1\r\nX-B: 2"}, {"X-A\r\nX-B": "1"}, {"X-A": "1\n"}, {"X A": "1"}, {"X-A": "\0"}, {"": "1"}]
)
def test_no_header_smuggles_another(couriers, headers):
    with Server([OK]) as server:
        found = answer(couriers(), post(server.url(), **headers))
        assert not any(b"X-B" in each or b"\0" in each for each in server.asked)
    assert found.failure in (Failure.PROTOCOL, None)


def test_a_body_as_large_as_messages_get(couriers):
    body = json.dumps({"message": "ä" * 100_000}).encode()
    with Server([OK]) as server:
        assert answer(couriers(), post(server.url(), body)).status == 200
    assert server.asked[0].endswith(body)
