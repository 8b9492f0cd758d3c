"""Nothing that a customer names leads a request inside of a network: seen by a listener and at the sockets."""

import contextlib
import socket
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from portal.core.errors import DomainError
from portal.outbound.client import Courier, Failure, Limits
from portal.outbound.urls import parse_url
from tests.outbound.sending import answer, answers, post
from tests.outbound.servers import Server

LINES = (Path(__file__).parent / "ssrf_corpus.txt").read_text(encoding="utf-8").splitlines()
CORPUS = [line.split("\t") for line in LINES if line and not line.startswith("#")]
NAMES = {url.split("//")[-1].split(":{port}")[0].split("/")[0]: found[0].split() for url, *found in CORPUS if found}
NAMES |= {"xn--bcher-kva.example": ["127.0.0.1"], "localhost": ["127.0.0.1", "::1"], "example.com": ["127.0.0.1"]}
NAMES["public.example"] = ["8.8.8.8"]


def look_up(host):
    """What the corpus says, else what the system makes of a notation; nobody is asked."""
    if host in NAMES:
        return NAMES[host]
    return [entry[4][0] for entry in socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)]


class Trap:
    """A port of this machine on all of its addresses, and whatever couriers connect to."""

    def __init__(self):
        self._watching, self.connected = False, []
        sys.addaudithook(self._audit)  # for as long as the process lives

    def _audit(self, event, args):
        if event == "socket.connect" and self._watching and threading.current_thread().name == "courier":
            self.connected.append(args[1][0])
            if not args[1][0].startswith(("127.", "::1", "0.0.0.0", "::ffff:127.")) and args[1][0] != "::":
                raise ConnectionRefusedError("not from a test")  # nothing goes out

    @contextlib.contextmanager
    def set(self):
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        with socket.create_server(("", 0), family=family, dualstack_ipv6=both, backlog=1000) as self._listener:
            self._listener.setblocking(False)
            self.port, self._watching, self.connected = self._listener.getsockname()[1], True, []
            yield self
            self._watching = False

    @property
    def caught(self):
        """Connections that the listener has got since the last look."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self._listener.accept()[0].close()
                count += 1
        return count


THE_TRAP = Trap()


@pytest.fixture
def trap():
    with THE_TRAP.set():
        yield THE_TRAP


@pytest.fixture
def urls(trap):
    return [url.replace("{port}", str(trap.port)).replace("␉", "\t").replace("␊", "\n") for url, *_ in CORPUS]


@pytest.fixture
def courier(trap):
    with Courier(look_up=look_up, limits=Limits(connect=5, total=10)) as made:
        yield made


def typed(url):
    """What remains of it when a customer types it."""
    with contextlib.suppress(DomainError):
        return parse_url(url)


def test_the_corpus_is_large():
    assert len({url for url, *_ in CORPUS}) == len(CORPUS) >= 200


def test_typed_into_a_form_and_then_sent(courier, trap, urls):
    left = [url for each in urls if (url := typed(each))]
    assert len(left) > 10  # names that lead inside: seen only when they are used
    outcomes = Counter(each.failure for each in answers(courier, *map(post, left)))
    assert (trap.caught, trap.connected) == (0, [])
    assert set(outcomes) <= {Failure.PRIVATE, Failure.DNS}
    assert outcomes[Failure.PRIVATE] > 10


def test_past_the_form_straight_to_the_courier(courier, trap, urls):
    found = answers(courier, *map(post, urls))
    assert (trap.caught, trap.connected) == (0, [])
    assert {(each.status, each.address) for each in found} == {(None, "")}
    outcomes = Counter(each.failure for each in found)
    assert set(outcomes) == {Failure.PRIVATE, Failure.DNS, Failure.PROTOCOL}
    assert outcomes[Failure.PRIVATE] > 100


def test_the_trap_sees_whoever_is_let_through(courier, trap, urls, settings):
    settings.WEBHOOK_PRIVATE_TARGETS = True
    here = [url for url in urls if url.startswith(("http://127.0.0.1:", "http://[::1]:", "http://localhost:"))]
    for url in here:
        courier.send(url, post(url))
    while trap.caught < 1:
        courier.results(0.01)
    assert trap.connected


def test_redirects_to_each_of_them(courier, trap, urls, settings):
    settings.WEBHOOK_PRIVATE_TARGETS = True
    lines = [url.encode("utf-8").replace(b"\n", b"").replace(b"\t", b"") for url in urls]
    redirects = [
        b"HTTP/1.1 %d Moved\r\nLocation: %b\r\nRefresh: 0; url=%b\r\nContent-Length: 0\r\n\r\n" % (status, line, line)
        for line, status in zip(lines, (301, 302, 303, 307, 308) * len(lines), strict=False)
    ]
    with Server(redirects, redirects) as server:
        url = server.url(host="127.0.0.1")
        found = [answer(courier, post(url)) for _ in redirects]
    assert {each.status for each in found} == {301, 302, 303, 307, 308}
    assert {each.failure for each in found} == {None}
    assert trap.caught == 0
    assert set(trap.connected) == {"127.0.0.1"}
    assert server.connections <= 2


class Rebinding:
    """First public, then private."""

    def __init__(self):
        self.asked = []

    def __call__(self, host):
        self.asked.append(host)
        return ["8.8.8.8"] if len(self.asked) == 1 else ["127.0.0.1"]


def test_a_name_that_changes_its_mind(trap):
    look_up = Rebinding()
    request = post(f"http://rebind.example:{trap.port}/")
    with Courier(look_up=look_up) as courier:
        first = answer(courier, request)
        assert (first.failure, look_up.asked) == (Failure.CONNECT, ["rebind.example"])
        assert trap.connected == ["8.8.8.8"]  # the checked one, and asked once
        second = answer(courier, request)
    assert (second.failure, look_up.asked) == (Failure.PRIVATE, ["rebind.example"] * 2)
    assert (trap.caught, trap.connected) == (0, ["8.8.8.8"])


def test_every_public_address_may_be_tried(trap):
    addresses = ["8.8.8.8", "2001:4860:4860::8888"]
    with Courier(look_up=lambda host: addresses) as courier:
        assert answer(courier, post("http://both.example:80/")).failure == Failure.CONNECT
    assert sorted(trap.connected) == sorted(addresses)


def test_no_proxy_of_the_environment(courier, trap, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    monkeypatch.setenv("no_proxy", "")
    found = answers(courier, post("http://public.example:80/"), post("https://public.example:443/"))
    assert [each.failure for each in found] == [Failure.CONNECT] * 2
    assert (trap.caught, set(trap.connected)) == (0, {"8.8.8.8"})


def test_what_a_customer_reads_says_nothing_of_the_network(courier, trap):
    found = answer(courier, post(f"http://private.example:{trap.port}/"))
    assert found.detail == "The host name leads to an address that is not in the public internet."
