"""How long does a switch wait for a route? 300 look-ups a second, beside an empty view of the same server, in one run.

    python -m bench.routes [--rate 300] [--seconds 10] [--rounds 3]

Starts its own PostgreSQL (fsync on), Valkey and the portal's web servers as in production (two workers each) under
var/bench. A client sends on a fixed schedule over sixteen connections (two switches of eight processes), so that a
request that must wait counts from the moment when it was due. Rounds alternate: an address of the same listener that
leads nowhere, routes, and both while four people search without a pause. Numbers lead to app users, phones, SIP servers
and the project's trunk, half of them with a second step; half of the callers are on block lists, or beside them. Exit
status 1 when p99 of the look-ups alone is above 10 ms and above twice that of the empty view.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue
from socket import create_connection, socket
from threading import Thread
from typing import Any

from bench.engines import analyze, configure, engines
from bench.live import answer, percentile, searcher
from bench.world import SERVED, fund, price_calls, signed_in, stock
from sandbox.stand import Stand, standing

FOLDER = Path(__file__).resolve().parent.parent / "var" / "bench" / "routes"
FIRST, LEASES, NUMBERS, CONNECTIONS, PEOPLE = 2_000_000, 400, 20_000, 16, 4
LIMIT, TIMES = 0.010, 2.0
CONTEXT = get_context("fork")


def prepare() -> dict[str, str]:
    """A project with 400 numbers of all kinds, a person who searches, and a switch."""
    from django.db import connection
    from django.utils import timezone

    from numbers.carrier import credentials
    from numbers.inventory import stats
    from numbers.orders.services import purchase
    from numbers.routing import project_services, services
    from numbers.routing.route_settings import RouteSettings, SecondStep, SipServer
    from portal.accounts.models import User
    from projects.actor import SYSTEM
    from projects.app_users.services import add
    from projects.services import create_project

    now = timezone.now()
    owner = User.objects.create_user("owner@customer.example", None, full_name="Bench Owner")
    project = create_project(name="Called", owner=owner, by=SYSTEM)
    fund(project)
    price_calls("GB", "US", "DE")
    stock(first=FIRST, count=NUMBERS)
    users = [add(project=project, username=f"user{n}", by=SYSTEM, now=now).app_user.pk for n in range(20)]
    server, phone = SipServer("sip.example.com", 5060), "+442079460018"
    project_services.set_trunk(project=project, server=server, by=SYSTEM, now=now)
    blocked = tuple(f"+4930{n:06}" for n in range(200))
    kinds = (
        RouteSettings(kind="users", users=tuple(users[:5]), fallback=SecondStep(pstn=phone), blocked=blocked),
        RouteSettings(kind="pstn", pstn=phone, blocked=blocked),
        RouteSettings(kind="sip", sip=server, fallback=SecondStep(pstn=phone)),
        None,
    )
    for n in range(LEASES):
        e164 = f"+1212{FIRST + n:07}"
        lease = purchase(project=project, e164=e164, by=SYSTEM, purchase_key=None, expected_total=None, now=now)
        route = kinds[n % len(kinds)]
        if route is not None:
            services.change_route(lease=lease, change=partial(_instead, route), by=SYSTEM, now=now)
    analyze()
    stats.refresh()
    _, secret = credentials.create(switch_id="bench", scopes=["routes"])
    facts = {"session": signed_in(owner), "pid": project.pid, "switch": secret}
    connection.close()
    return facts


def _instead(new: Any, _: Any) -> Any:
    return new


# -- the switch -------------------------------------------------------------------------------------------------------


def look_ups(secret: str) -> Iterator[bytes]:
    chance = random.Random(5)
    while True:
        number = f"%2B1212{FIRST + chance.randrange(LEASES):07}"
        caller = f"%2B4930{chance.randrange(400):06}" if chance.random() < 0.5 else f"+1415{chance.randrange(10**7):07}"
        yield (
            f"GET /carrier/v1/routes/{number}?call_id={chance.random()}&from={caller} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {secret}\r\n\r\n"
        ).encode()


def empty_views(_: str) -> Iterator[bytes]:
    while True:
        yield b"GET /carrier/v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def on_schedule(port: int, kind: str, secret: str, rate: int, seconds: float, out: Any) -> None:
    """Puts the waits in seconds, from when each request was due, and the statuses seen."""
    requests = {"routes": look_ups, "empty": empty_views}[kind](secret)
    due: SimpleQueue[tuple[float, bytes] | None] = SimpleQueue()
    waits: list[float] = []
    statuses: set[int] = set()

    def work(wire: socket) -> None:
        while (job := due.get()) is not None:
            wire.sendall(job[1])
            status, _ = answer(wire)
            waits.append(time.perf_counter() - job[0])
            statuses.add(status)

    wires = [create_connection(("127.0.0.1", port), timeout=30) for _ in range(CONNECTIONS)]
    threads = [Thread(target=work, args=[wire]) for wire in wires]
    for thread in threads:
        thread.start()
    begin = time.perf_counter()
    for n in range(int(rate * seconds)):
        moment = begin + n / rate
        time.sleep(max(0.0, moment - time.perf_counter()))
        due.put((moment, next(requests)))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    out.put((waits, statuses))


@contextmanager
def people_searching(port: int, facts: dict[str, str], seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds + 1
    searchers = [CONTEXT.Process(target=searcher, args=(port, facts, until, [])) for _ in range(PEOPLE)]
    for each in searchers:
        each.start()
    try:
        yield
    finally:
        for each in searchers:
            each.join()


def one_round(stand: Stand, kind: str, facts: dict[str, str], rate: int, seconds: float) -> list[float]:
    out = CONTEXT.Queue()
    client = CONTEXT.Process(
        target=on_schedule, args=(stand.ports["carrier"], kind, facts["switch"], rate, seconds, out)
    )
    client.start()
    waits, statuses = out.get(timeout=seconds + 120)
    client.join()
    if not statuses <= ({404} if kind == "empty" else {200, 403}):
        raise RuntimeError(f"{kind}: {statuses}")
    return list(waits)


def compare(stand: Stand, facts: dict[str, str], options: argparse.Namespace) -> int:
    found: dict[tuple[str, bool], list[float]] = {}
    one_round(stand, "routes", facts, options.rate, 2)  # warms
    for _ in range(options.rounds):
        for busy in (False, True):
            for kind in ("empty", "routes"):
                if busy:
                    with people_searching(stand.ports["people"], facts, options.seconds):
                        waits = one_round(stand, kind, facts, options.rate, options.seconds)
                else:
                    waits = one_round(stand, kind, facts, options.rate, options.seconds)
                found.setdefault((kind, busy), []).extend(waits)
    for (kind, busy), waits in found.items():
        beside = "four people search" if busy else "alone"
        share = percentile(waits, 0.99) / percentile(found["empty", busy], 0.99)
        print(
            f"{kind:7} {beside:19} {len(waits):6} at {options.rate}/s   p50 {percentile(waits, 0.5) * 1e3:6.2f} ms   "
            f"p99 {percentile(waits, 0.99) * 1e3:7.2f} ms   {share:5.2f} times the empty view",
            flush=True,
        )
    p99, empty = (percentile(found[kind, False], 0.99) for kind in ("routes", "empty"))
    return 1 if p99 > LIMIT and p99 > TIMES * empty else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with engines(FOLDER) as (database, broker):
        static = FOLDER / "static"
        configure(database, broker, **SERVED, STATIC_ROOT=str(static))
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        facts = prepare()
        with standing(FOLDER, os.environ, static, people=2, carrier=2) as stand:
            return compare(stand, facts, options)


if __name__ == "__main__":
    sys.exit(main())
