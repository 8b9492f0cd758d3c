"""What does a page cost a customer with 20,000 numbers? Processor and statements, beside a customer with 60.

    python -m bench.pages [--rounds 20] [--numbers 20000]

Starts its own PostgreSQL and Valkey under var/bench. Medians of milliseconds of processor, in the portal and in the
database's session; statements as the page sends them. The credit lasts for years, or for half a month, or for nothing:
then every number is past due. Exit status 1 when a page of the large customer sends more than 10 statements, or costs
the portal more than 8 ms above what the small one's does.
"""

import argparse
import gc
import statistics
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.engines import analyze, configure, engines
from bench.world import signed_in

if TYPE_CHECKING:
    from django.test import Client

    from projects.models import Project

FOLDER = Path(__file__).resolve().parent.parent / "var" / "bench" / "pages"
PAGES = {"dashboard": "", "renewals": "numbers/renewals/", "purchased": "numbers/purchased/", "credits": "credits/"}
SMALL = 60  # more than a page of any list: what differs is how many there are, not how many are shown
ALLOWED, STATEMENTS = 8.0, 10
Cost = tuple[float, float, int]  # milliseconds in the portal and in the database, statements

# Bought on all days of the last two months, at three prices, a thousand or so in one bulk on the last of them.
_LEASES = """
INSERT INTO numbers_lease (number_id, project_id, status, started_at, setup_price, monthly_price, anchor_day,
                           next_charge_on, friendly_name, tags, bought_by)
SELECT id, %(project)s, 'active', day, 0, (ARRAY[1, 2, 4.5])[1 + id %% 3],
       extract(day FROM day), (day + interval '1 month')::date, '', '{}', 'bench'
FROM (SELECT id, date_trunc('day', now() AT TIME ZONE 'UTC') - (1 + id * 7 %% 27) * interval '1 day' AS day
      FROM numbers_number WHERE e164 BETWEEN '+1212' || %(first)s AND '+1212' || %(last)s ORDER BY id) AS bought"""


def prepare(name: str, first: int, numbers: int) -> "tuple[Client, Project]":
    from django.db import connection
    from django.test import Client

    from bench.world import stock
    from portal.accounts.models import User
    from projects.actor import SYSTEM
    from projects.services import create_project

    owner = User.objects.create_user(f"{name}@customer.example", None, full_name="Bench Owner")
    project = create_project(name=f"Bench {name}", owner=owner, by=SYSTEM)
    stock(first=first, count=numbers - 1)
    with connection.cursor() as cursor:
        cursor.execute(_LEASES, {"project": project.pk, "first": first, "last": first + numbers - 1})
        cursor.execute("UPDATE numbers_number SET status = 'leased' WHERE status = 'available'")
    client = Client()
    client.cookies["sessionid"] = signed_in(owner)
    return client, project


def grant(project: "Project", amount: Decimal) -> None:
    from django.utils import timezone

    from billing.ledger import services as ledger

    ledger.post(
        key=f"bench:{project.pk}:{amount}",
        kind="grant",
        project_id=project.pk,
        debit="goodwill",
        credit="wallet",
        amount=amount,
        occurred_at=timezone.now(),
        memo="",
        cause=("grant", project.pk),
    )


def leave_unpaid(project: "Project") -> None:
    """All months of all numbers were due yesterday."""
    from numbers.models import Lease

    now = datetime.now(UTC)
    yesterday = now.date() - timedelta(days=1)
    Lease.objects.filter(project=project).update(
        status=Lease.Status.PAST_DUE,
        next_charge_on=yesterday,
        anchor_day=yesterday.day,
        started_at=datetime.combine(_month_before(yesterday), datetime.min.time(), UTC),
        past_due_since=now,
        suspends_at=now + timedelta(days=10),
        releases_at=now + timedelta(days=30),
    )


def _month_before(day: date) -> date:
    from numbers.leases.billing_dates import charge_date

    return charge_date(date(day.year - 1, day.month, day.day), 11)


def costs(addresses: "list[tuple[Client, str]]", rounds: int) -> list[Cost]:
    """Of each address, asked in turn, so that what else the machine does falls on all of them."""
    taken: list[list[Cost]] = [[] for _ in addresses]
    for _ in range(rounds + 3):
        for (client, address), costs in zip(addresses, taken, strict=True):
            costs.append(cost(client, address))
    return [
        (
            statistics.median(each[0] for each in costs[3:]),
            statistics.median(each[1] for each in costs[3:]),
            costs[-1][2],
        )
        for costs in taken
    ]


def cost(client: "Client", address: str) -> Cost:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    statements = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    gc.collect()
    served, start = int(server.read_text().split()[0]), time.thread_time()
    with connection.execute_wrapper(count):
        answer = client.get(address)
    portal = (time.thread_time() - start) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return portal, (int(server.read_text().split()[0]) - served) / 1e6, statements


def compare(rounds: int, numbers: int) -> int:
    prepare("others", 4_000_000, 3 * numbers)
    sides = [prepare("small", 2_000_000, SMALL), prepare("large", 3_000_000, numbers)]
    missed = 0
    print(f"\n{'':24}{f'{SMALL} numbers':>34}{f'{numbers:,} numbers':>38}")
    print(f"{'':24}" + f"{'portal':>14}{'database':>12}{'asked':>8}    " * 2)
    for state, months in (("half a month", Decimal("0.5")), ("for years", Decimal(100)), ("nothing left", None)):
        for n, (_, project) in enumerate(sides):
            if months is None:
                leave_unpaid(project)
                continue
            grant(project, months * (SMALL, numbers)[n] * Decimal("2.5"))
        analyze()
        for page, path in PAGES.items():
            addresses = [(client, f"/projects/{project.pid}/{path}") for client, project in sides]
            small, large = costs(addresses, rounds)
            bad = large[0] - small[0] > ALLOWED or large[2] > STATEMENTS
            missed += bad
            figures = "".join(f"{each[0]:11.1f} ms{each[1]:9.1f} ms{each[2]:8}    " for each in (small, large))
            print(f"{page:11}{state:13}{figures}{'TOO MUCH' if bad else 'ok'}")
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--numbers", type=int, default=20_000)
    options = parser.parse_args()
    with engines(FOLDER) as (database, broker):
        configure(database, broker, ALLOWED_HOSTS="testserver")
        return compare(options.rounds, options.numbers)


if __name__ == "__main__":
    sys.exit(main())
