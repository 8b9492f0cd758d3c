"""Names that hang, or have no address."""

from portal.outbound.client import Failure, Limits
from tests.outbound.sending import answer, answer_of, answers, post
from tests.outbound.servers import OK, Server


def test_names_that_hang_hold_up_no_other(couriers, gate):
    courier = couriers(look_up=gate)
    for number in range(50):
        courier.send(number, post(f"http://hangs-{number}.example.com:80/"))
    with Server([OK]) as server:
        assert answer_of(courier, "quick", post(server.url())).status == 200


def test_a_name_that_hangs_has_one_thread_however_often_it_is_asked(couriers, gate):
    courier = couriers(look_up=gate, limits=Limits(connect=0.05))
    for _ in range(3):
        found = answers(courier, *[post("http://hangs.example.com:80/")] * 5)
        assert {each.failure for each in found} == {Failure.DNS}
        assert found[0].detail == "The host name could not be looked up in time."
    assert gate.asked == ["hangs.example.com"]
    gate.open.set()
    while answer(courier, post("http://hangs.example.com:1/")).failure == Failure.DNS:
        pass
    assert set(gate.asked) == {"hangs.example.com"}


def test_look_ups_are_bounded(couriers, gate):
    courier = couriers(most=2, look_up=gate, limits=Limits(connect=0.05))
    for number in range(12):
        assert answer(courier, post(f"http://hangs-{number}.example.com:80/")).failure == Failure.DNS
    assert len(gate.asked) == 8
    gate.open.set()
    while answer(courier, post("http://other.example.com:1/")).failure == Failure.DNS:
        pass
