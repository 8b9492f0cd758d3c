"""How fast is a purchase? The project's service beside pgbench's TPC-B and the idiomatic ORM, in one run.

    python -m bench.purchase [--rounds 4] [--seconds 4] [--clients 8]

Starts its own PostgreSQL (fsync on) and Valkey under var/bench. Exit status 1 below the targets of
docs/adr/0005-purchase-in-one-statement.md: 3 times the ORM, and a fifth of TPC-B. The clients are processes, because
one Python process would measure its own lock. Each round runs every way once, so that what else the machine does
falls on all of them; the figures are means over the rounds, the ratios those of the means.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.engines import analyze, configure, engines
from bench.world import fund, stock

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "purchase"
PROJECTS, SCALE = 64, 20
ORM_FACTOR, TPCB_SHARE = 3.0, 0.20


def run_pgbench(*arguments: str) -> str:
    from sandbox.servers import PG_BIN

    return subprocess.run([str(PG_BIN / "pgbench"), *arguments], check=True, capture_output=True, text=True).stdout


def tpcb(database: str, seconds: int, clients: int) -> float:
    """Transactions per second of pgbench's own TPC-B-like script."""
    out = run_pgbench("-n", "-c", str(clients), "-j", "2", "-T", str(seconds), "-M", "prepared", database)
    found = re.search(r"tps = ([0-9.]+)", out)
    if found is None:
        raise RuntimeError(out)
    return float(found.group(1))


def prepare(numbers: int) -> None:

    from django.db import connection

    from portal.accounts.models import User
    from projects.actor import SYSTEM
    from projects.services import create_project

    owner = User.objects.create_user("owner@customer.example", None, full_name="Bench Owner")
    for n in range(PROJECTS):
        project = create_project(name=f"Bench {n}", owner=owner, by=SYSTEM)
        fund(project)
    stock(first=2_000_000, count=numbers)
    analyze()
    connection.close()  # the clients are forked, and open their own


def by_service(project: Any, e164: str) -> None:
    from django.utils import timezone

    from numbers.orders.services import purchase
    from projects.actor import SYSTEM

    purchase(project=project, e164=e164, by=SYSTEM, purchase_key=e164, expected_total=None, now=timezone.now())


def by_orm(project: Any, e164: str) -> None:
    """The same work as a Django developer would write it first: rows locked, read, changed and saved."""
    from django.db import transaction
    from django.utils import timezone

    from billing.ledger.models import Account, Transfer
    from numbers.leases.billing_dates import charge_date
    from numbers.models import Lease, LeaseCharge, Number
    from portal.jobs.models import Job
    from portal.jobs.outbox import wake_on_commit
    from projects.models import AuditEntry, Project

    now = timezone.now()
    with transaction.atomic():
        if (
            not Project.objects.get(pk=project.pk).is_active
            or Lease.objects.filter(project=project, purchase_key=e164).exists()
        ):
            raise AssertionError
        number = Number.objects.select_for_update().get(e164=e164)
        if number.status != Number.Status.AVAILABLE or number.docs_required:
            raise AssertionError
        wallet = Account.objects.select_for_update().get(project=project, kind="wallet")
        if wallet.balance < number.setup_price + number.monthly_price:
            raise AssertionError
        number.status, number.updated_at = Number.Status.LEASED, now
        number.save()
        lease = Lease.objects.create(
            number=number,
            project=project,
            started_at=now,
            setup_price=number.setup_price,
            monthly_price=number.monthly_price,
            anchor_day=now.day,
            next_charge_on=charge_date(now.date(), 1),
            purchase_key=e164,
            bought_by="system",
        )
        LeaseCharge.objects.create(lease=lease, period=0, starts_on=now.date(), amount=lease.monthly_price)
        for key, kind, account, amount in [
            (f"setup:{lease.pk}", "number_setup", "revenue_setup", lease.setup_price),
            (f"monthly:{lease.pk}:0", "number_monthly", "revenue_monthly", lease.monthly_price),
        ]:
            Transfer.objects.create(
                key=key,
                kind=kind,
                debit=wallet,
                credit=Account.objects.get(project=project, kind=account),
                amount=amount,
                occurred_at=now,
                memo=e164,
                cause_kind="lease",
                cause_id=lease.pk,
            )
        AuditEntry.objects.create(
            project=project,
            actor_kind="system",
            actor_label="system",
            action="number.purchased",
            subject=e164,
            data={"lease": lease.pk},
        )
        Job.objects.create(
            kind="numbers.purchased_mail",
            queue="mail",
            payload={"lease": lease.pk},
            key=f"numbers.purchased_mail:{lease.pk}",
        )
        wake_on_commit("numbers.purchased_mail")


WAYS = {"service": by_service, "orm": by_orm}


def client(way: str, hot: bool, share: range, seconds: float, start: Any, bought: Any) -> None:
    """One process: buys numbers of its own share, in its own or in the one hot project, until the time is up."""
    from projects.models import Project

    projects = list(Project.objects.order_by("id"))
    mine = projects[:1] if hot else projects
    act = WAYS[way]
    numbers = iter(share)
    for _ in range(5):  # warm: connection, prepared statement, caches
        act(mine[0], f"+1212{next(numbers)}")
    start.wait(60)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        act(mine[(count + share.start) % len(mine)], f"+1212{next(numbers)}")
        count += 1
    bought.put(count)


def measure(way: str, hot: bool, first: int, count: int, seconds: float, clients: int) -> float:
    """Purchases per second, each client in its own process."""
    context = get_context("fork")  # Django is set up once; connections are opened after the fork
    start, bought = context.Barrier(clients), context.Queue()
    size = count // clients
    shares = [range(first + n * size, first + (n + 1) * size) for n in range(clients)]
    processes = [
        context.Process(target=client, args=(way, hot, share, seconds, start, bought), daemon=True) for share in shares
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(seconds + 120)
    if any(process.exitcode for process in processes):
        raise RuntimeError("a client failed; see above")
    return sum(bought.get(timeout=5) for _ in processes) / seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with engines(FOLDER) as (database, broker):
        configure(database, broker)
        # TPC-B makes tables of its own, as the superuser.
        return compare(database.database_url("portal"), options.rounds, options.seconds, options.clients)


def rates_of(url: str, rounds: int, seconds: int, clients: int) -> dict[Any, float]:
    """Means over the rounds: of TPC-B under "tpcb", of (way, hot) under that pair."""
    runs = [("service", False), ("orm", False), ("service", True), ("orm", True)]
    per_run = 4000 * seconds
    prepare(len(runs) * rounds * per_run)
    run_pgbench("-i", "-q", "-s", str(SCALE), url)
    found: dict[Any, list[float]] = {}
    first = 2_000_000
    for _ in range(rounds):
        found.setdefault("tpcb", []).append(tpcb(url, seconds, clients))
        for way, hot in runs:
            found.setdefault((way, hot), []).append(measure(way, hot, first, per_run, seconds, clients))
            first += per_run
    return {key: sum(values) / rounds for key, values in found.items()}


def compare(url: str, rounds: int, seconds: int, clients: int) -> int:
    from billing.ledger import integrity

    rates = rates_of(url, rounds, seconds, clients)
    base = rates["tpcb"]
    print(f"\n{clients} clients, {rounds} × {seconds} s each, fsync on, {os.cpu_count()} cores for both sides\n")
    print(f"{'':34}{'per second':>12}{'× ORM':>8}{'of TPC-B':>10}")
    print(f"{'pgbench TPC-B':34}{base:12,.0f}")
    missed = 0
    for hot in (False, True):
        where = "one hot project" if hot else "many projects"
        orm, ours = rates["orm", hot], rates["service", hot]
        reached = ours >= ORM_FACTOR * orm and ours >= TPCB_SHARE * base
        missed += not reached
        print(f"{'ORM with locks, ' + where:34}{orm:12,.0f}{'':8}{orm / base:10.0%}")
        print(
            f"{'purchase(), ' + where:34}{ours:12,.0f}{ours / orm:8.1f}{ours / base:10.0%}"
            f"   {'ok' if reached else 'BELOW TARGET'}"
        )
    problems = integrity.problems()
    print(f"\nledger: {'; '.join(problems) or 'sound'}")
    return 1 if missed or problems else 0


if __name__ == "__main__":
    sys.exit(main())
