"""What does an attack cost the others? Each attack of docs/operations.md against the portal as in production.

    python -m bench.attack [--seconds 5] [--threads N] [--only NAME] [--front [--clients 4]]

Starts its own PostgreSQL (fsync on), Valkey, payment gateway, worker, web servers of all classes and front under
var/bench. Eight ordinary clients (four people, two programs, a switch at its own listener, a probe of /healthz) ask for
five seconds in quiet and for five during each attack. Exit status 1 when the others' p95 more than doubles, the switch
waits for 100 ms or more, or /healthz is not answered. ``--front`` measures what the front itself costs instead.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from bench.engines import analyze, configure, engines
from bench.live import processor_seconds
from bench.world import SERVED, fund, price_calls, signed_in, stock
from sandbox.attacks import Client, Seen, measure, non_readers, repeated, silent_bodies, slow_bodies, slow_headers
from sandbox.servers import end_with_parent, free_port, stop
from sandbox.stand import Stand, standing

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "attack"
WORKERS = {"people": 2, "rest": 2, "carrier": 1}
TIMES, SWITCH_WAITS, NUMBERS, ROUTED = 2.0, 0.1, 5000, "+12129000000"
# Below that a doubling is a matter of the machine's scheduler.
MEASURABLE = 0.05
CSRF = "b" * 32
SETTINGS = SERVED | {
    "LIST_NUMBERS_PER_MINUTE": "0",
    "FAILED_KEYS_PER_MINUTE": "0",
    "PROJECT_WRITES_PER_MINUTE": "0",
    "TOP_UP_MINIMUM": "5.00",
}


def prepare() -> dict[str, Any]:
    """Numbers, a project that looks, one whose wallet will be locked, a switch; what the clients need to know."""

    from django.db import connection
    from django.utils import timezone

    from numbers.carrier import credentials
    from numbers.inventory import stats
    from numbers.models import DocumentType
    from numbers.orders.services import purchase
    from numbers.routing.services import set_pstn
    from portal.accounts.models import User
    from projects import tokens
    from projects.actor import SYSTEM
    from projects.services import create_project

    now = timezone.now()
    owner = User.objects.create_user("owner@customer.example", None, full_name="Bench Owner")
    project = create_project(name="Attacked", owner=owner, by=SYSTEM)
    fund(project)
    stock(first=9_000_000, count=NUMBERS)
    analyze()
    stats.refresh()
    lease = purchase(project=project, e164=ROUTED, by=SYSTEM, purchase_key=None, expected_total=None, now=now)
    set_pstn(lease=lease, target="+442079460018", by=SYSTEM, now=now)
    price_calls("GB")
    kind = DocumentType.objects.order_by("pk").first() or DocumentType.objects.create(code="bench", name="Bench")
    _, secret = credentials.create(switch_id="bench", scopes=["routes"])
    facts = {
        "session": signed_in(owner),
        "pid": project.pid,
        "project": project.pk,
        "switch": secret,
        "token": tokens.reveal(project=project, slot="primary", by=SYSTEM),
        "kind": kind.code,
    }
    connection.close()
    return facts


# -- what the attackers send -------------------------------------------------------------------------------------------


answers: Counter[int] = Counter()  # what the attackers' whole requests got


def post(port: int, path: str, body: bytes, content_type: str, session: str) -> None:
    """Once, and reads the answer, for as long as it takes."""
    wire = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        wire.request(
            "POST",
            path,
            body,
            {"Content-Type": content_type, "X-CSRFToken": CSRF, "Cookie": f"sessionid={session}; csrftoken={CSRF}"},
        )
        response = wire.getresponse()
        response.read()
        answers[response.status] += 1
    finally:
        wire.close()


def endless_jpeg() -> bytes:
    """A small file of forty megapixels with hundreds of scans, each of which costs a walk over all of it."""
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (8000, 5000)).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    scan = data.rindex(b"\xff\xda")
    return data[:scan] + data[scan:-2] * 400 + data[-2:]


def upload(port: int, facts: dict[str, Any], picture: bytes) -> None:
    fields = {
        "type": facts["kind"],
        "name": f"Bench {uuid4().hex[:6]}",
        "upload_key": uuid4().hex,
        "expires_on": "2031-05-28",
    }
    parts = [
        f'--bench\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = b'--bench\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    body = b"".join(parts) + head + picture + uuid4().bytes + b"\r\n--bench--\r\n"
    post(
        port,
        f"/projects/{facts['pid']}/numbers/documents/upload/",
        body,
        "multipart/form-data; boundary=bench",
        facts["session"],
    )


def check_out(port: int, facts: dict[str, Any]) -> None:
    body = urlencode({"amount": "10.00", "agree": "on", "form_token": uuid4().hex}).encode()
    post(port, f"/projects/{facts['pid']}/credits/add/", body, "application/x-www-form-urlencoded", facts["session"])


def buy(port: int, facts: dict[str, Any], numbers: Iterator[int]) -> None:
    body = urlencode(
        {"projectid": facts["pid"], "authtoken": facts["token"], "number": f"1212{next(numbers)}", "action": "purchase"}
    ).encode()
    post(port, "/purchasenumber", body, "application/x-www-form-urlencoded", facts["session"])


@contextmanager
def locked_wallet(database: str, project: int) -> Iterator[None]:
    import psycopg

    with psycopg.connect(database) as session:
        session.execute("SELECT 1 FROM billing_account WHERE project_id = %s FOR UPDATE", [project])
        yield
        session.rollback()


@contextmanager
def frozen(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


Attack = Callable[[], list[AbstractContextManager[None]]]


def attacks(
    stand: Stand, facts: dict[str, Any], database: str, gateway: "subprocess.Popen[bytes]"
) -> dict[str, Attack]:
    port, picture, numbers = stand.ports["front"], endless_jpeg(), iter(range(9_000_010, 9_000_010 + NUMBERS))
    form = f"/projects/{facts['pid']}/numbers/documents/upload/"
    return {
        "slow bodies": lambda: [slow_bodies(port, form, 10), slow_bodies(port, "/purchasenumber", 10)],
        "silent bodies": lambda: [silent_bodies(port, form, 10), silent_bodies(port, "/purchasenumber", 10)],
        "non-readers": lambda: [non_readers(port, "/static/large.bin", 10, 20), non_readers(port, "/", 4, 20)],
        "slow headers": lambda: [slow_headers(port, 200)],
        "inspections": lambda: [repeated(lambda: upload(port, facts, picture), 4)],
        "gateway stopped": lambda: [frozen(gateway), repeated(lambda: check_out(port, facts), 4)],
        "wallet locked": lambda: [
            locked_wallet(database, facts["project"]),
            repeated(lambda: buy(port, facts, numbers), 4),
        ],
    }


# -- the comparison ----------------------------------------------------------------------------------------------------


def others(stand: Stand, facts: dict[str, Any]) -> list[Client]:
    front, session = stand.ports["front"], {"Cookie": f"sessionid={facts['session']}", "HX-Request": "true"}
    return [
        *(
            Client("people", front, f"/projects/{facts['pid']}/numbers/buy/results/?country=US&pattern={n}55", session)
            for n in range(4)
        ),
        *(Client("rest", front, "/listnewnumbers?country=US&limit=0,20&number_type=DID") for _ in range(2)),
        Client(
            "carrier",
            stand.ports["carrier"],
            f"/carrier/v1/routes/{ROUTED}",
            {"Authorization": f"Bearer {facts['switch']}"},
        ),
        Client("health", front, "/healthz"),
    ]


def verdict(kind: str, quiet: Seen, loud: Seen) -> str:
    p95, before = loud.percentile(0.95), quiet.percentile(0.95)
    if loud.wrong:
        return f"{len(loud.wrong)} wrong, {loud.wrong[0][-30:]}"
    if kind == "carrier" and p95 >= SWITCH_WAITS:
        return "TOO LATE"
    return "ok" if kind in ("carrier", "health") or p95 <= max(TIMES * before, MEASURABLE) else "TOO SLOW"


def compare(stand: Stand, facts: dict[str, Any], kinds: dict[str, Attack], seconds: float) -> int:
    from contextlib import ExitStack

    clients, failed = others(stand, facts), 0
    measure(clients, 3)  # warm
    print(f"{'':16} {'':8} {'quiet p95':>10} {'p95':>9} {'times':>6} {'latest':>8}")
    for name, attack in kinds.items():
        quiet = measure(clients, seconds, patience=15)
        with ExitStack() as held:
            for part in attack():
                held.enter_context(part)
            measure(clients, 1, patience=15)  # until the attack has its hold
            loud = measure(clients, seconds, patience=15)
        if answers:
            print(f"{name}: attackers got {dict(answers)}")
            answers.clear()
        for kind, seen in loud.items():
            word = verdict(kind, quiet[kind], seen)
            failed += word != "ok"
            before, now = quiet[kind].percentile(0.95), seen.percentile(0.95)
            print(
                f"{name:16} {kind:8} {before * 1e3:7.1f} ms {now * 1e3:6.1f} ms {now / before:6.1f} "
                f"{max(seen.waits) * 1e3:5.0f} ms   {word}",
                flush=True,
            )
    return 1 if failed else 0


def cost_of_front(stand: Stand, facts: dict[str, Any], seconds: float, clients: int) -> int:
    """The same page and call with and without the front, alternating, clients without a pause."""
    for client in others(stand, facts)[3:5]:
        found: dict[bool, list[Seen]] = {True: [], False: []}
        used = dict.fromkeys(found, 0.0)
        pids = [stand.processes[name].pid for name in (client.kind, "front")]
        for n in range(9):
            fronted = n % 2 == 1
            there = replace(client, port=stand.ports["front" if fronted else client.kind])
            before = sum(map(processor_seconds, pids))
            seen = measure([there] * clients, seconds, pause=0)[client.kind]
            if n:  # the first warms
                found[fronted].append(seen)
                used[fronted] += sum(map(processor_seconds, pids)) - before
        for fronted, rounds in found.items():
            waits = Seen([wait for seen in rounds for wait in seen.waits])
            count = len(waits.waits)
            print(
                f"{client.kind:8} {'behind the front' if fronted else 'without':16} {count / (4 * seconds):6.0f}/s   "
                f"{used[fronted] / count * 1e3:.2f} ms of the processor   p50 {waits.percentile(0.5) * 1e3:.0f} ms, "
                f"p95 {waits.percentile(0.95) * 1e3:.0f} ms, p99 {waits.percentile(0.99) * 1e3:.0f} ms",
                flush=True,
            )
    return 0


def started(name: str, *command: str) -> "subprocess.Popen[bytes]":
    with open(FOLDER / f"{name}.log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=end_with_parent,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--threads", type=int, help="of each web worker, if not production's")
    parser.add_argument("--only", help="one attack by its name")
    parser.add_argument("--front", action="store_true", help="what the front costs")
    parser.add_argument("--clients", type=int, default=4, help="with --front")
    options = parser.parse_args()
    with engines(FOLDER) as (database, broker):
        gateway_port, site = free_port(), free_port()
        places = {
            "STRIPE_API_BASE": f"http://127.0.0.1:{gateway_port}",
            "SITE_URL": f"http://127.0.0.1:{site}",
            "DOCUMENT_ROOT": str(FOLDER / "documents"),
            "STATIC_ROOT": str(FOLDER / "static"),
        }
        configure(database, broker, **SETTINGS | places)
        facts, static = prepare(), FOLDER / "static"
        static.mkdir()
        (static / "large.bin").write_bytes(bytes(4_000_000))
        parts = []
        try:
            gateway = started(
                "gateway",
                "sandbox.gateway",
                "--port",
                str(gateway_port),
                "--webhook-url",
                f"http://127.0.0.1:{site}/payments/stripe/webhook",
            )
            parts = [gateway, started("work", "portal.work", "default", "mail", "deliver", "bulk")]
            with standing(FOLDER / "web", os.environ, static, threads=options.threads, **WORKERS) as stand:
                if options.front:
                    return cost_of_front(stand, facts, options.seconds, options.clients)
                kinds = attacks(stand, facts, database.url, gateway)
                return compare(
                    stand, facts, {name: kinds[name] for name in kinds if options.only in (None, name)}, options.seconds
                )
        finally:
            for part in parts:
                stop(part, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
