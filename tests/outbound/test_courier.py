"""Many requests at once, by one thread that nobody waits for and that never stays behind."""

import subprocess
import sys
import threading
import time

import pytest

from portal.outbound.client import Courier, Failure, Limits, OutboundRequest
from tests.architecture.layers import ROOT
from tests.ops.slow_servers import deaf
from tests.outbound.sending import answer, answer_of, answers, post, send_once
from tests.outbound.servers import OK, Server, silent
from tests.support.crowd import Beside

PROMPT = 10  # seconds in which a busy machine does what takes no time


def threads():
    return [each for each in threading.enumerate() if each.name == "courier"]


class Fatal(dict):
    """Headers that end the thread which reads them."""

    def __iter__(self):
        raise SystemExit


def test_answers_come_under_their_keys_whatever_those_are(couriers):
    with Server([OK] * 10) as server:
        courier = couriers()
        keys = [1, "1", ("a", 2), None, "1"]
        for key in keys:
            courier.send(key, post(server.url()))
        found = []
        while len(found) < len(keys):
            found += courier.results(PROMPT)
    assert sorted(map(repr, (key for key, _ in found))) == sorted(map(repr, keys))
    assert {each.status for _, each in found} == {200}


def test_how_many_are_under_way(couriers):
    with Server([silent]) as server:
        courier = couriers(most=5)
        assert (courier.in_flight, courier.free) == (0, 5)
        for key in range(6):
            courier.send(key, post(server.url()))
        assert (courier.in_flight, courier.free) == (6, 0)
    found = []
    while courier.in_flight:
        found += courier.results(PROMPT)
    assert (len(found + courier.results(0)), courier.free) == (6, 5)


def test_more_than_there_is_room_for_take_turns(couriers):
    with Server([OK] * 100) as server:
        found = answers(couriers(most=3), *[post(server.url())] * 60)
        assert {each.status for each in found} == {200}
        assert server.connections <= 3


def test_connections_to_one_host_are_bounded(couriers):
    with Server([silent]) as slow, Server([OK] * 3) as quick:
        courier = couriers(limits=Limits(per_host=2))
        for key in range(10):
            courier.send(key, post(slow.url()))
        while slow.connections < 2:
            assert courier.results(0.01) == []
        assert answer_of(courier, "quick", post(quick.url(host="127.0.0.1"))).status == 200
        assert slow.connections == 2


def test_servers_that_hang_hold_up_no_other(couriers):
    with Server([silent]) as server, deaf() as port, Server([OK]) as quick:
        courier = couriers()
        for number in range(40):
            courier.send(number, post(server.url()))
            courier.send(number, post(f"http://hooks.example.com:{port}/"))
        found = answer_of(courier, "quick", post(quick.url(host="127.0.0.1")))
    assert found.status == 200


def test_waiting_ends_with_the_time(couriers):
    started = time.monotonic()
    assert couriers().results(0.05) == []
    assert time.monotonic() - started >= 0.05


def test_waiting_ends_when_poked(couriers):
    courier = couriers()
    waiting = Beside(lambda: courier.results(60), connected=False)
    courier.poke()
    assert waiting.result(PROMPT) == []
    courier.poke()  # before anybody waits
    assert courier.results(60) == []
    started = time.monotonic()
    assert courier.results(0.05) == []
    assert time.monotonic() - started >= 0.05  # a poke counts once


def test_a_poke_takes_no_answer_away(couriers):
    courier = couriers()
    with Server([OK]) as server:
        courier.send("a", post(server.url()))
        while courier.in_flight:
            pass
        courier.poke()
        assert [key for key, _ in courier.results(0)] == ["a"]


def test_what_is_under_way_at_the_end_is_given_back(reachable):
    with Server([silent]) as server:
        with Courier() as courier:
            for key in range(5):
                courier.send(key, post(server.url(host="127.0.0.1")))
            while server.connections < 5:
                assert courier.results(0.01) == []
        found = dict(courier.results(0))
    assert sorted(found) == list(range(5))
    assert {each.failure for each in found.values()} == {Failure.ABORTED}
    assert "by us" in found[0].detail
    assert not courier.is_running
    assert threads() == []
    courier.send("late", post("http://127.0.0.1:80/"))
    assert [(key, each.failure) for key, each in courier.results(0)] == [("late", Failure.ABORTED)]


def test_an_error_beside_it_ends_it_too(reachable):
    def fail():
        with Courier() as courier:
            assert courier.is_running
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert threads() == []


def test_hanging_look_ups_do_not_hold_up_the_end(reachable, gate):
    started = time.monotonic()
    with Courier(look_up=gate) as courier:
        courier.send("a", post("http://hangs.example.com:80/"))
        while not gate.asked:
            courier.results(0.01)
    assert time.monotonic() - started < PROMPT
    assert [each.failure for _, each in courier.results(0)] == [Failure.ABORTED]


def test_everything_is_given_back_when_the_thread_dies(reachable):
    with Server([silent]) as server, Courier() as courier:
        for key in range(5):
            courier.send(key, post(server.url(host="127.0.0.1")))
        courier.send("fatal", OutboundRequest("POST", server.url(), Fatal(a="b"), b""))
        found = {}
        while len(found) < 6:
            found |= dict(courier.results(PROMPT))
        assert {each.failure for each in found.values()} == {Failure.ABORTED}
        courier.send("late", post(server.url()))
        while courier.is_running:
            pass
        assert [key for key, _ in courier.results(PROMPT)] == ["late"]
    assert threads() == []


@pytest.mark.parametrize(
    "request_",
    [
        post("no url"),
        post("http://"),
        post("http://hooks.example.com:99999999/"),
        post("http://hooks.example.com:80/\r\nX: y"),
        post("http://hooks.example.com:80/ä b"),
        post("http://[::1"),
        post("http://" + "a" * 70 + ".example.com:1/"),
        post("http://hooks.example.com:1/", method="GE\r\nT"),
        OutboundRequest("POST", "http://hooks.example.com:1/", {"X-A": 1}, b""),  # type: ignore[dict-item]
        OutboundRequest("POST", None, {}, b""),  # type: ignore[arg-type]
        OutboundRequest("POST", "http://hooks.example.com:1/", {}, object()),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_sent_is_an_answer_and_no_error(couriers, request_):
    courier = couriers(look_up=lambda host: ["127.0.0.1"])
    found = answer(courier, request_)
    assert found.failure is not None
    assert (found.detail[-1], found.status) == (".", None)
    assert courier.is_running


class TestOne:
    def test_that_is_answered(self, reachable):
        with Server([OK]) as server:
            found = send_once(post(server.url(host="127.0.0.1")))
        assert (found.status, found.body, threads()) == (200, b"ok", [])

    def test_that_is_not(self, reachable):
        with Server([silent]) as server:
            found = send_once(post(server.url(host="127.0.0.1")), limits=Limits(total=0.1))
        assert (found.failure, threads()) == (Failure.TIMEOUT, [])

    def test_to_a_private_address(self):
        assert send_once(post("http://127.0.0.1:80/")).failure == Failure.PRIVATE


LEFT_OPEN = """
import django
django.setup()
from portal.outbound.client import Courier, OutboundRequest
import threading
courier = Courier(look_up=lambda host: threading.Event().wait()).__enter__()
courier.send(1, OutboundRequest("POST", "http://hangs.example.com:80/", {}, b""))
courier.send(2, OutboundRequest("POST", "http://127.0.0.1:PORT/", {}, b""))
while not [each for each in threading.enumerate() if each.name.startswith("look-up")]:
    pass
"""


@pytest.mark.parametrize("ending", ["", "raise SystemExit(0)", "import sys; sys.exit()"])
def test_a_process_ends_although_it_forgot_the_courier(ending):
    with Server([silent]) as server:
        done = subprocess.run(
            [sys.executable, "-c", LEFT_OPEN.replace("PORT", str(server.port)) + ending],
            cwd=ROOT,
            env={"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "portal.settings", "WEBHOOK_PRIVATE_TARGETS": "1"},
            timeout=60,
            capture_output=True,
            text=True,
        )
    assert (done.returncode, done.stderr) == (0, "")
