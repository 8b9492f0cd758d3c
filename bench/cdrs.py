"""How fast do call records come in, and is each stored once when the server is killed? The real intake beside a COPY.

    python -m bench.cdrs [--records 1000000] [--kills 5]

Starts its own PostgreSQL (fsync on), Valkey and the carrier's web server as in production (two workers) under
var/bench. Four senders post batches of 500; every tenth batch is sent twice, by two of them at about the same moment.
Half of the records come in undisturbed. During the other half the server is killed (SIGKILL, with its workers) and
started again. Afterwards the same rows are copied into a bare table without indexes by one COPY. Exit status 1 when a
record is missing or stored twice, when an answer does not add up, or below 5 % of the COPY where nothing is killed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import Any

from bench.engines import analyze, configure, engines
from bench.world import SERVED, fund
from sandbox.record_sender import RecordSender
from sandbox.servers import Postgres, end_with_parent, free_port

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "cdrs"
BATCH, SENDERS, WORKERS, TWICE_EVERY = 500, 4, 2, 10
NUMBERS, DAYS = 5_000, 20
SHARE = 0.05  # of the bare COPY, undisturbed
CONTEXT = get_context("fork")
_LEASES = """
WITH made AS (
    INSERT INTO numbers_number (e164, country, region, city, type, sms, voice, setup_price, monthly_price,
                                docs_required, supplier, supplier_ref, status, updated_at)
    SELECT '+1212' || lpad(n::text, 7, '0'), 'US', 'New York', 'New York', 'did', true, true, 0, 2, false, 'bench',
           'b' || n, 'leased', now()
    FROM generate_series(2000000, 2000000 + %s - 1) AS n RETURNING id
)
INSERT INTO numbers_lease (number_id, project_id, status, started_at, setup_price, monthly_price, anchor_day,
                           next_charge_on, friendly_name, tags, bought_by)
SELECT id, %s, 'active', now() - interval '90 days', 0, 2, 1, now() + interval '20 days', '', '{}', 'bench' FROM made"""


def prepare() -> str:
    """A project with many numbers, and the secret of a switch that reports for them."""
    from django.db import connection

    from numbers.calls import keeping
    from numbers.carrier import credentials
    from portal.accounts.models import User
    from projects.actor import SYSTEM
    from projects.services import create_project

    owner = User.objects.create_user("owner@customer.example", None, full_name="Bench Owner")
    project = create_project(name="Bench", owner=owner, by=SYSTEM)
    fund(project)
    with connection.cursor() as cursor:
        cursor.execute(_LEASES, [NUMBERS, project.pk])
    from django.utils import timezone

    keeping.keep_months(now=timezone.now())
    analyze()
    secret = credentials.create(switch_id="bench", scopes=["cdrs"])[1]
    connection.close()  # the senders are forked
    return secret


def body(number: int, size: int, now: float) -> bytes:
    """Batch ``number`` as a switch writes it; the same number is the same batch."""
    records = []
    for place in range(size):
        serial = number * BATCH + place
        start = now - 3600 - (serial * 7919 % (DAYS * 86_400)) - serial % 1000 / 1000
        talk = serial % 240 if serial % 3 else 0
        records.append(
            {
                "cdr_id": f"bench-{serial}",
                "call_id": f"{serial:016x}@192.0.2.10",
                "start_time": f"{start:.3f}",
                "answer_time": f"{start + 5:.3f}" if talk else "",
                "end_time": f"{start + 5 + talk:.3f}",
                "duration": f"{talk}.000",
                "did": f"+1212{2_000_000 + serial % NUMBERS:07}",
                "caller": f"+4420{serial % 100_000_000:08}",
                "leg": "in",
                "kind": "pstn",
                "target": "+442079460018",
                "gateway": "gw1.example.test:5060",
                "sip_code": "200" if talk else "486",
                "hangup_by": "caller",
                "answered_by": "gw1.example.test" if talk else "",
                "route_source": "portal",
                "route_etag": f"{serial % NUMBERS}.1.0a1b2c3d",
                "received_at": f"{start:.3f}",
            }
        )
    return json.dumps({"batch_id": f"bench-{number}", "switch_id": "bench", "cdrs": records}).encode()


class Server:
    """The carrier's web server, as in production."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.serve", "carrier", "--port", str(self.port), "--workers", str(WORKERS)],
            cwd=ROOT,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def send(port: int, secret: str, work: Any, results: Any, now: float) -> None:
    """One sender: takes numbers of batches until there are no more."""
    sender = RecordSender(port, secret)
    totals = {"accepted": 0, "replayed": 0, "wrong": 0}
    while True:
        try:
            number, size = work.get(timeout=5)
        except Empty:
            break
        if number < 0:
            break
        answer = sender.send(body(number, size, now))
        whole = answer["accepted"] + answer["duplicates"] == size and not answer["rejected"]
        totals["wrong"] += not whole
        if answer.get("replayed"):
            totals["replayed"] += 1
        else:
            totals["accepted"] += answer["accepted"]
    results.put(totals | {"tries": sender.tries})


def batches(first: int, records: int) -> Iterator[tuple[int, int]]:
    """(number, size) of the batches from number ``first`` on."""
    for number, done in enumerate(range(0, records, BATCH), first):
        size = min(BATCH, records - done)
        yield number, size
        if number % TWICE_EVERY == 0:
            yield number, size


def take_in(server: Server, secret: str, whole: list[tuple[int, int]], kills: int, now: float) -> dict[str, Any]:
    """Sends the batches; ``seconds`` until all are answered, and what the senders count."""
    work, results = CONTEXT.Queue(100), CONTEXT.Queue()
    senders = [
        CONTEXT.Process(target=send, args=(server.port, secret, work, results, now), daemon=True)
        for _ in range(SENDERS)
    ]
    moments = {len(whole) * (each + 1) // (kills + 1) for each in range(kills)}
    begin = time.perf_counter()
    for process in senders:
        process.start()
    for place, item in enumerate(whole):
        if place in moments:
            server.kill()
            server.start()
        work.put(item)
    for _ in senders:
        work.put((-1, 0))
    found = [results.get(timeout=600) for _ in senders]
    seconds = time.perf_counter() - begin
    return {"seconds": seconds} | {name: sum(each[name] for each in found) for name in found[0]}


def stored() -> tuple[int, int, int, int]:
    """Rows, different keys among them, keys, rows without a lease."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT (switch_id, cdr_id)), (SELECT count(*) FROM numbers_callrecordkey), "
            "count(*) FILTER (WHERE lease_id IS NULL) FROM numbers_callrecord"
        )
        rows, different, keys, without = cursor.fetchone()
    return rows, different, keys, without


def copy_bare(database: Postgres) -> float:
    """Seconds for the same rows by one COPY into a table without indexes."""
    import psycopg

    file = FOLDER / "rows.copy"
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        with file.open("wb") as output, owner.cursor().copy("COPY (SELECT * FROM numbers_callrecord) TO STDOUT") as out:
            for data in out:
                output.write(data)
        owner.execute("CREATE TABLE bare (LIKE numbers_callrecord)")
        begin = time.perf_counter()
        with file.open("rb") as rows, owner.cursor().copy("COPY bare FROM STDIN") as copy:
            while data := rows.read(1 << 20):
                copy.write(data)
        return time.perf_counter() - begin


def compare(database: Postgres, records: int, kills: int) -> int:
    secret, server, now, half = prepare(), Server(free_port()), time.time(), records // BATCH // 2 * BATCH
    server.start()
    try:
        RecordSender(server.port, secret).send(b'{"batch_id": "warm", "cdrs": []}')
        calm = take_in(server, secret, list(batches(0, half)), 0, now)
        killed = take_in(server, secret, list(batches(half // BATCH, records - half)), kills, now)
    finally:
        server.kill()
    rows, different, keys, without = stored()
    bare = records / copy_bare(database)
    sound = rows == different == keys == records and not without and not calm["wrong"] + killed["wrong"]
    rates = {"undisturbed": half / calm["seconds"], f"killed {kills} times": (records - half) / killed["seconds"]}
    print(f"\n{records:,} records in batches of {BATCH}, {SENDERS} senders, fsync on, {os.cpu_count()} cores")
    print(f"{killed['tries'] + calm['tries']:,} requests, {killed['replayed'] + calm['replayed']:,} answers repeated\n")
    print(f"{'bare COPY, one table without indexes':44}{bare:12,.0f} rows/s")
    for name, rate in rates.items():
        print(f"{'POST /carrier/v1/cdrs, ' + name:44}{rate:12,.0f} rows/s{rate / bare:8.1%}")
    print(f"\nstored: {rows:,}, different: {different:,}, keys: {keys:,}, without a lease: {without:,}")
    print("each record is stored once" if sound else "RECORDS ARE MISSING, DOUBLE OR WRONGLY ANSWERED")
    return 0 if sound and rates["undisturbed"] >= SHARE * bare else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=5)
    options = parser.parse_args()
    with engines(FOLDER) as (database, broker):
        configure(database, broker, **SERVED)
        return compare(database, options.records, options.kills)


if __name__ == "__main__":
    sys.exit(main())
