"""How fast is the monthly run? The real function beside the raw ledger, in one run.

    python -m bench.monthly [--rounds 3] [--leases 20000] [--projects 500]

Starts its own PostgreSQL (fsync on) and Valkey under var/bench. A round charges one month of all leases of many
projects, then of one project that holds as many, and inserts the same number of transfers by one plain
INSERT … SELECT each, which the ledger's triggers book: nothing that charges months can be faster than that.
Exit status 1 below 500 leases per second, or when the ledger is not sound.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.engines import analyze, configure, engines
from bench.world import fund

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "monthly"
TARGET = 500  # leases per second
STARTED = datetime(2027, 1, 31, tzinfo=UTC)

_NUMBERS = """
INSERT INTO numbers_number (e164, country, region, city, type, sms, voice, setup_price, monthly_price, docs_required,
                            supplier, supplier_ref, status, updated_at)
SELECT '+1212' || lpad(n::text, 7, '0'), 'US', 'New York', 'New York', 'did', true, true, 0, 2, false, 'bench',
       'b' || n, 'leased', now()
FROM generate_series(%(first)s, %(last)s) AS n"""
# Each project's share of the numbers, side by side; the month of the purchase was free, so no transfer stands for it.
_LEASES = """
WITH made AS (
    INSERT INTO numbers_lease (number_id, project_id, status, started_at, setup_price, monthly_price, anchor_day,
                               next_charge_on, friendly_name, tags, bought_by)
    SELECT id, (%(projects)s::bigint[])[1 + (row_number() OVER (ORDER BY id)) %% cardinality(%(projects)s::bigint[])],
           'active', %(started)s, 0, 2, 31, '2027-02-28', '', '{}', 'bench'
    FROM numbers_number WHERE e164 BETWEEN '+1212' || %(first)s AND '+1212' || %(last)s
    RETURNING id
)
INSERT INTO numbers_leasecharge (lease_id, period, starts_on, amount, charged_at)
SELECT id, 0, '2027-01-31', 0, now() FROM made"""
_RAW = """
INSERT INTO billing_transfer (key, kind, debit_id, credit_id, amount, occurred_at, memo, cause_kind, cause_id)
SELECT 'raw:' || %(round)s || ':' || l.id, 'number_monthly', w.id, m.id, 2, now(), 'Month of ' || n.e164, 'bench', l.id
FROM numbers_lease l
JOIN numbers_number n ON n.id = l.number_id
JOIN billing_account w ON w.project_id = l.project_id AND w.kind = 'wallet'
JOIN billing_account m ON m.project_id = l.project_id AND m.kind = 'revenue_monthly'
WHERE l.project_id = ANY(%(projects)s)"""


def prepare(leases: int, count: int) -> tuple[list[int], list[int]]:
    """(ids of many small projects, id of a large one), each side with ``leases`` leases and plenty of credit."""
    from django.db import connection

    from portal.accounts.models import User
    from projects.actor import SYSTEM
    from projects.services import create_project

    owner = User.objects.create_user("owner@customer.example", None, full_name="Bench Owner")
    ids = []
    for n in range(count + 1):
        project = create_project(name=f"Bench {n}", owner=owner, by=SYSTEM)
        fund(project)
        ids.append(project.pk)
    sides = ids[:-1], ids[-1:]
    with connection.cursor() as cursor:
        for n, side in enumerate(sides):
            first = 2_000_000 + n * 1_000_000
            values: dict[str, Any] = {"first": first, "last": first + leases - 1, "projects": side, "started": STARTED}
            cursor.execute(_NUMBERS, values)
            cursor.execute(_LEASES, values)
    analyze()
    return sides


def timed(act: Callable[[], int]) -> tuple[int, float]:
    start = time.perf_counter()
    return act(), time.perf_counter() - start


def charge(months: int) -> int:
    """One month of everything that is due; both sides are due on the same day, so the other one waits its turn."""
    from numbers.leases.billing_dates import charge_date
    from numbers.renewals.charging import charge_months

    day = charge_date(STARTED.date(), months)
    return charge_months(now=datetime(day.year, day.month, day.day, tzinfo=UTC)).months


def raw(projects: list[int], number: int) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_RAW, {"projects": projects, "round": number})
        return int(cursor.rowcount)


def hold_back(projects: list[int], back: bool) -> None:
    """The side that is not measured is not due: its next month is moved out of the way, and back."""
    from django.db import connection

    sign = "+" if back else "-"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE numbers_lease SET next_charge_on = next_charge_on {sign} 36500 WHERE project_id = ANY(%s)",
            [projects],
        )
        cursor.execute("VACUUM ANALYZE numbers_lease")


def measure(sides: tuple[list[int], list[int]], rounds: int, leases: int) -> dict[str, list[float]]:
    """Rates per second by name, one for each round."""
    names = (f"{len(sides[0])} projects", "one project")
    rates: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        for which, name in enumerate(names):
            hold_back(sides[1 - which], True)
            done, seconds = timed(lambda number=number: charge(number))  # type: ignore[misc]
            if done != leases:
                raise RuntimeError(f"{name}: {done} of {leases} leases were charged")
            rates.setdefault(f"run: {name}", []).append(done / seconds)
            hold_back(sides[1 - which], False)
            done, seconds = timed(lambda which=which, number=number: raw(sides[which], number))  # type: ignore[misc]
            rates.setdefault(f"raw: {name}", []).append(done / seconds)
    return rates


def compare(rounds: int, leases: int, projects: int) -> int:
    from billing.ledger import integrity

    rates = measure(prepare(leases, projects), rounds, leases)
    mean = {name: sum(values) / len(values) for name, values in rates.items()}
    print(f"\n{rounds} rounds of {leases:,} leases on either side, fsync on, {os.cpu_count()} cores\n")
    print(f"{'':44}{'per second':>12}{'of the limit':>14}")
    missed = 0
    for name in [name.removeprefix("run: ") for name in mean if name.startswith("run: ")]:
        run, limit = mean[f"run: {name}"], mean[f"raw: {name}"]
        missed += min(rates[f"run: {name}"]) < TARGET
        print(f"{'raw ledger, one INSERT, ' + name:44}{limit:12,.0f}")
        print(
            f"{'charge_months(), ' + name:44}{run:12,.0f}{run / limit:14.0%}   "
            f"{'ok' if min(rates[f'run: {name}']) >= TARGET else 'BELOW TARGET'}"
        )
    analyze()
    problems = integrity.problems()
    print(f"\nledger: {'; '.join(problems) or 'sound'}")
    return 1 if missed or problems else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--leases", type=int, default=20_000)
    parser.add_argument("--projects", type=int, default=500)
    options = parser.parse_args()
    with engines(FOLDER) as (database, broker):
        configure(database, broker)
        return compare(options.rounds, options.leases, options.projects)


if __name__ == "__main__":
    sys.exit(main())
