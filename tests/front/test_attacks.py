"""A stranger attacks; ordinary callers go on. Each attack is compared with the quiet before it, in one run.

The slack on top of "at most doubles" is for a machine that does other work, too; a starved caller waits for seconds.
"""

from collections import Counter
from contextlib import ExitStack
from time import sleep

import pytest

from sandbox.attacks import Client, measure, non_readers, repeated, silent_bodies, slow_bodies, slow_headers
from tests.faults.workers import held
from tests.front.test_front import ask

SECONDS, SLACK = 2.0, 0.4
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def at_once(port):
    return {
        "slow bodies": lambda: slow_bodies(port, "/accounts/login/", 10),
        "slow bodies for programs": lambda: slow_bodies(port, "/purchasenumber", 10),
        "silent bodies": lambda: silent_bodies(port, "/purchasenumber", 20),
        "slow headers": lambda: slow_headers(port, 200),
        "answers that nobody reads": lambda: non_readers(port, "/static/large.bin", 10, 20),
        "pages that nobody reads": lambda: non_readers(port, "/", 4, 20),
    }


def test_others_are_served_while_a_stranger_keeps_connections_busy(stand, world):
    quiet = measure(world.clients, SECONDS)
    with ExitStack() as attacks:
        for attack in at_once(stand.ports["front"]).values():
            attacks.enter_context(attack())
        measure(world.clients, 1.0)  # until all of them have their hold
        loud = measure(world.clients, SECONDS)
    for kind, seen in loud.items():
        assert seen.wrong == [], kind
        assert seen.percentile(0.95) <= 2 * quiet[kind].percentile(0.95) + SLACK, kind


def test_without_the_front_the_same_stranger_stops_everybody(stand, world):
    """The control: were this test to fail, the one above would prove nothing."""
    port = stand.ports["rest"]
    clients = [Client("rest", port, client.path) for client in world.clients if client.kind == "rest"]
    with slow_bodies(port, "/purchasenumber", 10):
        measure(clients, 1.0, patience=1.0)
        loud = measure(clients, 2.0, patience=1.0)["rest"]
    assert loud.wrong
    assert loud.percentile(0.5) >= 1.0


def test_a_switch_is_answered_whatever_comes_to_its_listener(stand, world):
    """Without the front: whoever may connect there can send slow bodies and headers as well."""
    port = stand.ports["carrier"]
    switch = [client for client in world.clients if client.kind == "carrier"]
    with slow_bodies(port, "/carrier/v1/routes/+1", 20), slow_headers(port, 100):
        measure(switch, 1.0)
        loud = measure(switch, SECONDS)["carrier"]
    assert loud.wrong == []
    assert loud.percentile(0.95) <= SLACK


@pytest.mark.parametrize("path", ["/purchasenumber", "/api/nowhere", "/projects/", "/carrier/v1/routes/+1"])
def test_bodies_that_nobody_wants_cost_nobody_else_an_answer(stand, path):
    """Refused before they are read: the next form on the same connection must not meet its end."""
    port, large, refused, answered = stand.ports["front"], b"a=" + bytes(900_000), Counter(), Counter()

    def attack():
        refused[ask(port, path, "POST", large, FORM).status] += 1

    def call():
        answered[ask(port, "/purchasenumber", "POST", "projectid=pid_x&authtoken=x", FORM).status] += 1
        answered[ask(port, path, "POST", "a=b", FORM).status] += 1

    with repeated(attack, 4, pause=0), repeated(call, 2, pause=0):
        sleep(SECONDS)
    assert max(answered) < 500, answered
    if path.startswith("/carrier"):  # the switches' listener gives the connection up, and with it some answers
        refused.pop(503, None)
    assert max(refused) < 500, refused


def test_a_locked_wallet_costs_its_own_project_only(stand, world):
    """Two programs buy from it all the time; each is refused before it has kept a worker for long."""
    wrong, number = [], world.numbers[0].e164[1:]

    def buy():
        form = f"projectid={world.project.pid}&authtoken={world.token}&number={number}&action=purchase"
        answer = ask(stand.ports["front"], "/purchasenumber", "POST", form, FORM)
        if answer.status != 503:
            wrong.append((answer.status, answer.content))

    rest = [client for client in world.clients if client.kind in ("rest", "health", "carrier")]
    quiet = measure(rest, SECONDS)
    with held("SELECT 1 FROM billing_account WHERE project_id = %s FOR UPDATE", world.project.pk), repeated(buy, 2):
        measure(rest, 1.0)
        loud = measure(rest, SECONDS)
    assert wrong == []
    for kind, seen in loud.items():
        assert seen.wrong == [], kind
        assert seen.percentile(0.95) <= 2 * quiet[kind].percentile(0.95) + SLACK, kind
