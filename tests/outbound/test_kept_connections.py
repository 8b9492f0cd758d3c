"""Connections are kept for a while; what happens when one turns out to be dead."""

import time

import pytest

from portal.outbound.client import Failure, Limits
from tests.outbound.sending import answer, answers, post
from tests.outbound.servers import OK, Server, reset


def test_one_connection_for_many(couriers):
    with Server([OK] * 5) as server:
        courier = couriers()
        assert [answer(courier, post(server.url())).status for _ in range(5)] == [200] * 5
        assert server.connections == 1


@pytest.mark.parametrize("end", [b"", reset])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_one_that_dies_before_the_answer_is_replaced(couriers, end, method):
    with Server([OK, end], [OK]) as server:
        courier = couriers()
        for _ in range(2):
            found = answer(courier, post(server.url(), b"", method=method))
            assert (found.status, found.failure) == (200, None)
        assert [len(each) for each in server.requests] == [2, 1]


def test_but_only_once(couriers):
    with Server([OK, b""], [b""]) as server:
        courier = couriers()
        answer(courier, post(server.url()))
        found = answer(courier, post(server.url()))
        assert [len(each) for each in server.requests] == [2, 1]
    assert found.failure == Failure.PROTOCOL


def test_not_when_an_answer_had_begun(couriers):
    with Server([OK, b"HTTP/1.1 200 OK\r\nX-"], [OK]) as server:
        courier = couriers()
        answer(courier, post(server.url()))
        found = answer(courier, post(server.url()))
        assert [len(each) for each in server.requests] == [2]
    assert found.failure == Failure.PROTOCOL


def test_not_when_a_fresh_one_dies(couriers):
    with Server([b""], [OK]) as server:
        assert answer(couriers(), post(server.url())).failure == Failure.PROTOCOL
        assert server.connections == 1


def test_the_second_try_takes_no_other_kept_one(couriers):
    """It may be dead as well."""
    with Server(*[[OK, b""]] * 3, [OK]) as server:
        courier = couriers()
        assert [each.status for each in answers(courier, *[post(server.url())] * 3)] == [200] * 3
        while server.connections < 3:
            courier.results(0.01)
        assert answer(courier, post(server.url())).status == 200


def test_it_is_closed_after_a_while(couriers):
    closed_by_us, started = [], time.monotonic()

    def answer_and_listen(line, over):
        line.sendall(OK)
        closed_by_us.append(line.recv(1))

    with Server([answer_and_listen]) as server:
        courier = couriers(limits=Limits(keep_alive=0.05))
        answer(courier, post(server.url()))
        while not closed_by_us and time.monotonic() - started < 10:
            courier.results(0.01)
        assert closed_by_us == [b""]


def test_not_for_another_name(couriers):
    with Server([OK]) as server:
        courier = couriers(look_up=lambda host: ["127.0.0.1"])
        for host in ("a.example.com", "b.example.com"):
            assert answer(courier, post(server.url(host=host))).status == 200
        assert server.connections == 2
