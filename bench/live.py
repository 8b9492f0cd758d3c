"""What do 200 open search pages cost? The portal's searches with and without them, in one run.

    python -m bench.live [--pages 200] [--rounds 4] [--seconds 8]

Starts its own PostgreSQL (fsync on), Valkey and the web server as in production (two workers) under var/bench. Four
clients search and list without a pause; in every second round as many pages as given ask for news every 1.2 s, as the
browser does. Meanwhile numbers are bought, in all rounds alike. Exit status 1 below the targets of
docs/adr/0012-live-feed.md: 85 % of the requests without the pages, and each page knows of each sale within 2 s.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any

from bench.engines import analyze, configure, engines
from bench.world import SERVED, fund, signed_in, stock

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "live"
CLIENTS, WORKERS, NUMBERS, SALES_PER_SECOND = 4, 2, 100_000, 5
POLL_EVERY = 1.2  # as static/js/live.js
SHARE, WITHIN = 0.85, 2.0
CONTEXT = get_context("fork")


def prepare() -> dict[str, str]:
    """Numbers, two projects with money, and a session; what the clients need to know of them."""

    from django.db import connection

    from numbers.inventory import stats
    from numbers.inventory.live import tokens
    from portal.accounts.models import User
    from projects.actor import SYSTEM
    from projects.services import create_project

    owner = User.objects.create_user("owner@customer.example", None, full_name="Bench Owner")
    looking, buying = (create_project(name=name, owner=owner, by=SYSTEM) for name in ("Looking", "Buying"))
    fund(buying)
    stock(first=2_000_000, count=NUMBERS)
    analyze()
    stats.refresh()
    facts = {
        "session": signed_in(owner),
        "pid": looking.pid,
        "token": tokens.sign(looking.pk),
        "buyer": str(buying.pk),
    }
    connection.close()  # the sellers are forked, and open their own
    return facts


# -- clients: each kind in a process of its own, so that none of them measures another's Python ------------------------


def request(path: str, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()


def answer(wire: socket.socket) -> tuple[int, bytes]:
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        if not (part := wire.recv(65536)):
            raise RuntimeError("the server hung up")
        data += part
    head = data[:end].lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
    body = data[end + 4 :]
    while len(body) < length:
        body += wire.recv(65536)
    return int(head[9:12]), body


def searcher(port: int, facts: dict[str, str], until: float, count: list[int]) -> None:
    chance = random.Random(7)
    base = f"/projects/{facts['pid']}/numbers"
    headers = {"Cookie": f"sessionid={facts['session']}", "HX-Request": "true"}
    done = 0
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.settimeout(30)
        while time.monotonic() < until:
            path = (
                f"{base}/purchased/"
                if done % 4 == 3
                else f"{base}/buy/results/?country=US&pattern={chance.randrange(1000):03d}&match=contains"
            )
            wire.sendall(request(path, headers))
            status, body = answer(wire)
            if status != 200 or not body:
                raise RuntimeError(f"{path}: {status}")
            done += 1
    count.append(done)


def search(port: int, facts: dict[str, str], until: float, out: Any) -> None:
    counts: list[int] = []
    threads = [Thread(target=searcher, args=(port, facts, until, counts)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(counts) < CLIENTS:
        raise RuntimeError("a client failed; see above")
    out.put(sum(counts))


def sell(facts: dict[str, str], numbers: range, until: float, out: Any) -> None:
    """Buys as another project; when each purchase began."""
    from django.utils import timezone

    from numbers.orders.services import purchase
    from projects.actor import SYSTEM
    from projects.models import Project

    project, sold = Project.objects.get(pk=facts["buyer"]), {}
    for n in numbers:
        if time.monotonic() >= until:
            break
        sold[f"+1212{n}"] = time.monotonic()
        purchase(
            project=project, e164=f"+1212{n}", by=SYSTEM, purchase_key=None, expected_total=None, now=timezone.now()
        )
        time.sleep(1 / SALES_PER_SECOND)
    out.put(sold)


async def page(
    port: int, facts: dict[str, str], begin: float, until: float, waits: list[float], heard: dict[str, float]
) -> None:
    """One open page, as static/js/live.js does it."""
    await asyncio.sleep(max(0.0, begin - time.monotonic()))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    etag, whose = "", {"X-Live-Token": facts["token"], "Cookie": f"sessionid={facts['session']}"}
    while time.monotonic() < until:
        started = time.monotonic()
        writer.write(request("/live/taken", whose | ({"If-None-Match": etag} if etag else {})))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
        body = await reader.readexactly(length)
        now = time.monotonic()
        waits.append(now - started)
        if head[9:12] == b"200":
            etag = head.split(b"etag:")[1].split(b"\r\n")[0].strip().decode()
            for e164 in json.loads(body)["taken"]:
                heard.setdefault(e164, now)
        elif head[9:12] != b"304":
            raise RuntimeError(head.decode())
        await asyncio.sleep(POLL_EVERY)
    writer.close()


def poll(port: int, facts: dict[str, str], pages: int, until: float, out: Any) -> None:
    waits: list[float] = []
    heard: list[dict[str, float]] = [{} for _ in range(pages)]
    begin = time.monotonic()

    async def all_pages() -> None:
        await asyncio.gather(
            *(page(port, facts, begin + POLL_EVERY * n / pages, until, waits, heard[n]) for n in range(pages))
        )

    asyncio.run(all_pages())
    out.put((waits, heard))


def run(*clients: tuple[Callable[..., None], tuple[Any, ...]]) -> list[Any]:
    """Each client in a process; what each one put out."""
    outs = [CONTEXT.Queue() for _ in clients]
    processes = [
        CONTEXT.Process(target=client, args=(*args, out), daemon=True)
        for (client, args), out in zip(clients, outs, strict=True)
    ]
    for process in processes:
        process.start()
    results = [out.get(timeout=120) for out in outs]
    for process in processes:
        process.join(30)
    return results


# -- the comparison ---------------------------------------------------------------------------------------------------


def processor_seconds(web: int) -> float:
    """What the web server and its workers have used so far, whatever else the machine does."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if web in (int(entry.parent.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def taken_by_others(seconds: float = 3.0) -> float:
    """The share of the machine that is busy while this run rests."""

    def ticks() -> tuple[int, int]:
        fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    all_before, idle_before = ticks()
    time.sleep(seconds)
    all_after, idle_after = ticks()
    return 1 - (idle_after - idle_before) / (all_after - all_before)


def one_round(web: int, port: int, facts: dict[str, str], numbers: range, seconds: float, pages: int) -> dict[str, Any]:
    before = processor_seconds(web)
    until = time.monotonic() + seconds
    clients: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        (search, (port, facts, until)),
        (sell, (facts, numbers, until - WITHIN - 0.5)),
    ]
    if pages:
        clients.append((poll, (port, facts, pages, until)))
    searched, sold, *polled = run(*clients)
    found: dict[str, Any] = {"searched": searched, "used": processor_seconds(web) - before, "waits": [], "delays": []}
    if polled:
        found["waits"], heard = polled[0]
        # Of a sale before a page's first question it may have been told, too; it counts from then.
        found["delays"] = [
            known.get(e164, float("inf")) - at
            for known in heard
            for e164, at in sold.items()
            if at > until - seconds + POLL_EVERY
        ]
    return found


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def compare(web: int, port: int, facts: dict[str, str], options: argparse.Namespace) -> int:
    others = taken_by_others()
    if others > 0.1:
        print(f"Other work takes {others:.0%} of this machine: the pages' share of the rest will look too large.")
    first, per_round = 2_000_000, 1000
    one_round(web, port, facts, range(first, first + per_round), 3, 0)  # warm
    without: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    for n in range(2 * options.rounds):
        first += per_round
        # Without, with, with, without …: what else the machine does falls on both.
        pages = options.pages if n % 4 in (1, 2) else 0
        found = one_round(web, port, facts, range(first, first + per_round), options.seconds, pages)
        (beside if pages else without).append(found)
    return report(without, beside, options)


def report(without: list[dict[str, Any]], beside: list[dict[str, Any]], options: argparse.Namespace) -> int:
    alone, together = (sum(found["searched"] for found in kind) for kind in (without, beside))
    waits = [wait for found in beside for wait in found["waits"]]
    delays = [delay for found in beside for delay in found["delays"]]
    per_search = sum(found["used"] for found in without) / alone
    per_question = (sum(found["used"] for found in beside) - together * per_search) / len(waits)
    time_each_way = options.rounds * options.seconds
    share, latest = together / alone, max(delays)
    print(f"\n{options.rounds} × {options.seconds} s each way, {CLIENTS} clients, {os.cpu_count()} cores for all\n")
    print(f"searches and lists, alone    {alone / time_each_way:8,.0f}/s   {per_search * 1e3:.2f} ms of the processor")
    print(
        f"beside {options.pages:3} open pages        {together / time_each_way:8,.0f}/s   {share:.0%}"
        f"   {'ok' if share >= SHARE else 'BELOW TARGET'}"
    )
    print(f"questions of the pages       {len(waits) / time_each_way:8,.0f}/s   {per_question * 1e3:.2f} ms")
    print(
        f"each answered in             p50 {percentile(waits, 0.5) * 1e3:.0f} ms, p99 "
        f"{percentile(waits, 0.99) * 1e3:.0f} ms"
    )
    print(
        f"from the sale to the page    p50 {percentile(delays, 0.5):.2f} s, p99 {percentile(delays, 0.99):.2f} s, "
        f"latest {latest:.2f} s   {'ok' if latest <= WITHIN else 'TOO LATE'}"
    )
    return 0 if share >= SHARE and latest <= WITHIN else 1


def serve(port: int) -> subprocess.Popen[bytes]:
    from sandbox.servers import end_with_parent

    with open(FOLDER / "web.log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "portal.serve", "people", "--port", str(port), "--workers", str(WORKERS)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=end_with_parent,
        )


def wait_until_ready(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
                wire.sendall(request("/healthz", {}))
                if answer(wire)[0] == 200:
                    return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"the web server did not start; see {FOLDER / 'web.log'}")
        time.sleep(0.1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    from sandbox.servers import free_port, stop

    with engines(FOLDER) as (database, broker):
        configure(database, broker, **SERVED)
        facts, port, web = prepare(), free_port(), None
        try:
            web = serve(port)
            wait_until_ready(port)
            return compare(web.pid, port, facts, options)
        finally:
            stop(web, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
