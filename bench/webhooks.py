"""Do messages reach the servers of customers in time when others' servers hang, fail, and workers are killed?

    python -m bench.webhooks [--messages 1000] [--many 10000] [--kills 3]

Starts its own PostgreSQL (fsync on), Valkey, the carrier's web server and a worker as in production, and twenty
receivers, of which five hang and five answer 500, for twenty numbers of four projects. Three parts:

1. messages come in over HTTP, 100 a second; how long until the healthy ones have theirs;
2. the same while the worker is killed (SIGKILL) and started again: nothing is lost, nothing goes to a wrong receiver;
3. many messages wait for the healthy ones: deliveries a second, beside a bare loop of the same HTTP client.

Exit status 1 when a message of a healthy receiver is missing or went astray, when the 99th percentile of part 1 is 3 s
or more, or below 200 deliveries a second in part 3.
"""

import argparse
import asyncio
import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.engines import analyze, configure, engines
from bench.world import SERVED, stock
from sandbox.servers import end_with_parent, free_port

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "webhooks"
LOG = FOLDER / "received.log"
PROJECTS, ENDPOINTS, HANGING, FAILING = 4, 20, 5, 5
PER_SECOND, SENDERS, WORKERS = 100, 4, 2
LATEST, FEWEST = 3.0, 200.0  # seconds, deliveries a second
AT_ONCE = 100  # of the bare loop
BEAT = 5.0  # seconds, as portal.beat has it


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Looks four times a second; whether it became so in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.25)
    return False


class Process:
    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *self._arguments], cwd=ROOT, start_new_session=True,
            preexec_fn=end_with_parent, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def prepare(ports: list[int]) -> tuple[dict[str, int], str]:
    """Numbers with the port of their receiver, and the secret of a gateway."""
    from django.db import connection
    from django.utils import timezone

    from numbers.carrier import credentials
    from numbers.messaging import keeping, services
    from numbers.models import Lease, Number
    from portal.accounts.models import User
    from projects.actor import SYSTEM
    from projects.services import create_project
    from projects.webhooks.targets import TargetSettings

    now = timezone.now()
    owner = User.objects.create_user("owner@customer.example", None, full_name="Bench Owner")
    projects = [create_project(name=f"Bench {each}", owner=owner, by=SYSTEM) for each in range(PROJECTS)]
    keeping.keep_months(now=now)
    stock(first=5_550_000, count=len(ports) - 1)
    Number.objects.update(status="leased")
    numbers = {}
    for place, port in enumerate(ports):
        e164 = f"+1212555{place:04}"
        number = Number.objects.get(e164=e164)
        lease = Lease.objects.create(
            number=number, project=projects[place % PROJECTS], started_at=now, setup_price=0, monthly_price=0,
            anchor_day=1, next_charge_on=now.date(),
        )  # fmt: skip
        settings = TargetSettings(f"http://127.0.0.1:{port}/in")
        services.change_number(lease=lease, change=partial(_set, settings), by=SYSTEM, now=now)
        numbers[e164] = port
    analyze()
    secret = credentials.create(switch_id="bench", scopes=["sms"])[1]
    connection.close()
    return numbers, secret


def _set(settings: Any, _: Any) -> Any:
    return settings


def hand_over(port: int, secret: str, numbers: list[str], messages: int) -> dict[str, tuple[str, float]]:
    """Sends messages as a gateway does; (number, Unix time of the send) by the gateway's id."""
    sent: dict[str, tuple[str, float]] = {}
    basic = "Basic " + base64.b64encode(f"bench:{secret}".encode()).decode()
    begin = time.perf_counter()

    def send(first: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for place in range(first, messages, SENDERS):
            time.sleep(max(0.0, begin + place / PER_SECOND - time.perf_counter()))
            key, number = uuid.uuid4().hex, numbers[place % len(numbers)]
            body = {"message_id": key, "from": "+442079460018", "to": number, "text": f"Message {place}"}
            sent[key] = number, time.time()
            link.request(
                "POST", "/carrier/v1/sms/inbound", json.dumps(body), {"Authorization": basic, "Idempotency-Key": key}
            )
            answer = link.getresponse()
            answer.read()
            if answer.status != 202:
                raise RuntimeError(f"the portal answered {answer.status}")

    threads = [threading.Thread(target=send, args=(each,)) for each in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent


def received() -> list[tuple[int, str, str, float]]:
    """Port, webhook id, destination, Unix time; in the order of arrival."""
    lines = LOG.read_text().splitlines() if LOG.exists() else []
    return [(int(port), id_, number, float(at)) for port, id_, number, at in map(str.split, lines)]


def stored(keys: list[str]) -> dict[str, str]:
    """Message id by the gateway's id."""
    from numbers.models import Message

    rows = Message.objects.filter(gateway_message_id__in=keys).values_list("gateway_message_id", "message_id")
    return {key: str(message) for key, message in rows}


def beat(stop: threading.Event) -> None:
    from portal.jobs import outbox
    from portal.jobs.queues import DELIVER
    from projects.webhooks.queueing import TASK

    while not stop.wait(BEAT):
        outbox.send(TASK, DELIVER, DELIVER)


def part(name: str, given: Any, healthy: set[int], numbers: dict[str, int], *, patience: float) -> tuple[bool, float]:
    """Waits until the healthy have theirs; whether all is right, and the 99th percentile of the time it took."""
    before = len(received())
    sent: dict[str, tuple[str, float]] = given()
    ids = stored(list(sent))
    expected = {ids[key]: at for key, (number, at) in sent.items() if numbers[number] in healthy}

    def missing() -> set[str]:
        return set(expected) - {each[1] for each in received()[before:]}

    wait_until(lambda: not missing(), patience)
    arrived: dict[str, float] = {}
    astray, again = 0, Counter[str]()
    for port, id_, number, at in received()[before:]:
        astray += numbers[number] != port
        again[id_] += 1
        arrived.setdefault(id_, at)
    late = sorted(arrived[id_] - at for id_, at in expected.items() if id_ in arrived)
    p50, p99 = (late[int(len(late) * share)] for share in (0.5, 0.99)) if late else (0.0, 0.0)
    twice = sum(again[id_] > 1 for id_ in expected)
    print(
        f"{name:34} {len(sent):6,} in, {len(late):6,} of {len(expected):,} healthy, {len(missing())} missing, "
        f"{astray} astray, {twice} twice (same id); p50 {p50:.3f} s, p99 {p99:.3f} s, longest {late[-1]:.3f} s"
    )
    return not missing() and not astray and len(ids) == len(sent), p99


def backlog(numbers: list[str], count: int) -> int:
    """Messages that wait, stored as the intake stores them; how many."""
    from datetime import timedelta

    from django.db import transaction
    from django.utils import timezone

    from numbers.messaging import dispatch, message_ids
    from numbers.models import Lease, Message

    leases = list(Lease.objects.filter(number__e164__in=numbers).select_related("number"))
    now = timezone.now()
    for first in range(0, count, 1000):
        rows = [
            Message(
                message_id=message_ids.new(now), received_at=now + timedelta(microseconds=each), switch_id="bench",
                gateway_message_id=f"many-{each}", source="+442079460018", text=f"Message {each}",
                destination=lease.number.e164, encoding="gsm7", lease=lease, number=lease.number,
                project_id=lease.project_id,
            )
            for each in range(first, min(first + 1000, count))
            for lease in [leases[each % len(leases)]]
        ]  # fmt: skip
        with transaction.atomic():
            made = Message.objects.bulk_create(rows)
            dispatch.dispatch(made, now)
    return count


async def bare(urls: list[str], count: int) -> float:
    """Requests a second by the same HTTP client, with bodies of the same size, and nothing else."""
    import aiohttp

    body = json.dumps({"request": "incoming-sms", "source": "+442079460018", "destination": "+12125550000",
                       "message": "Message 1234", "message_id": str(uuid.uuid4()),
                       "received_at": "2026-11-20T12:00:00.000Z"}).encode()  # fmt: skip
    turns = iter(range(count))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

        async def run() -> None:
            for turn in turns:
                headers = {"webhook-id": f"bare-{turn}", "Content-Type": "application/json"}
                async with session.post(urls[turn % len(urls)], data=body, headers=headers) as answer:
                    await answer.read()

        begin = time.perf_counter()
        await asyncio.gather(*(run() for _ in range(AT_ONCE)))
        return count / (time.perf_counter() - begin)


def rate_of(before: int, count: int) -> float:
    """Deliveries a second, from the first to the last of ``count``."""
    wait_until(lambda: len(received()) - before >= count, 300)
    times = [each[3] for each in received()[before:]]
    return len(times) / max(times[-1] - times[0], 0.001)


def measure(options: argparse.Namespace) -> int:
    ports = [free_port() for _ in range(ENDPOINTS)]
    behaviours = ["hang"] * HANGING + ["fail"] * FAILING + ["ok"] * (ENDPOINTS - HANGING - FAILING)
    healthy = {port for port, behaviour in zip(ports, behaviours, strict=True) if behaviour == "ok"}
    numbers, secret = prepare(ports)
    carrier = free_port()
    server = Process("portal.serve", "carrier", "--port", str(carrier), "--workers", str(WORKERS))
    worker = Process("portal.work", "deliver", "--threads", "4")
    servers = Process("bench.receivers", str(LOG), *(f"{p}={b}" for p, b in zip(ports, behaviours, strict=True)))
    stop = threading.Event()
    ticking = threading.Thread(target=beat, args=(stop,))
    LOG.parent.mkdir(parents=True, exist_ok=True)
    try:
        for each in (servers, server, worker):
            each.start()
        ticking.start()
        warm(carrier, secret, numbers, healthy)
        every = list(numbers)
        sound, p99 = part(
            "servers that hang and fail", lambda: hand_over(carrier, secret, every, options.messages), healthy, numbers,
            patience=60,
        )  # fmt: skip
        killed, _ = part(
            f"worker killed {options.kills} times",
            lambda: hand_over_and_kill(carrier, secret, every, options, worker), healthy, numbers, patience=120,
        )  # fmt: skip
        worker.kill()
        good = [number for number, port in numbers.items() if port in healthy]
        loop = asyncio.run(bare([f"http://127.0.0.1:{port}/in" for port in healthy], options.many))
        backlog(good, options.many)
        before = len(received())
        worker.start()
        rate = rate_of(before, options.many)
    finally:
        stop.set()
        for each in (worker, server, servers):
            each.kill()
        ticking.join()
    print(f"\n{'bare loop of the HTTP client':34} {loop:8,.0f} requests/s")
    print(f"{'one worker, healthy servers':34} {rate:8,.0f} deliveries/s  {rate / loop:.1%}")
    return 0 if sound and killed and p99 < LATEST and rate >= FEWEST else 1


def warm(port: int, secret: str, numbers: dict[str, int], healthy: set[int]) -> None:
    """Everything has been used once."""
    one = next(number for number, receiver in numbers.items() if receiver in healthy)

    def is_up() -> bool:
        try:
            return bool(hand_over(port, secret, [one], 1))
        except OSError:
            return False

    wait_until(is_up, 60)
    wait_until(lambda: bool(received()), 60)


def hand_over_and_kill(
    port: int, secret: str, numbers: list[str], options: argparse.Namespace, worker: Process
) -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    sending = threading.Thread(target=lambda: found.update(hand_over(port, secret, numbers, options.messages)))
    sending.start()
    for _ in range(options.kills):
        time.sleep(options.messages / PER_SECOND / (options.kills + 1))
        worker.kill()
        worker.start()
    sending.join()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    with engines(FOLDER) as (database, broker):
        configure(database, broker, **SERVED)
        return measure(options)


if __name__ == "__main__":
    sys.exit(main())
