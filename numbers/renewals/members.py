"""The leases of a day of charges, in the customer's order: those among which the credit ends, not all of them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection

from numbers.leases.models import Lease
from portal.core.sql import literals

READ = 40  # of a day
SORTED = 1000  # leases of a day that are found by the day; of more, all are passed by in their order

# Costs are summed up in the customer's order, and what they cover of the credit is skipped. Free numbers are always
# paid, so they matter to nobody.
_CHARGED = f"""project_id = %(project)s AND status IN ({literals(*Lease.LIVE)}) AND release_on IS NULL
    AND monthly_price > 0 AND id <> ALL(%(lapsed)s)"""
_PLAYED = """
SELECT n, p.id, p.status, p.next_charge_on, p.anchor_day, p.monthly_price, number.e164, summed - cost, p.renewal_rank
FROM {days} CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT l.*, sum(cost) OVER (ORDER BY renewal_rank, id ROWS UNBOUNDED PRECEDING) AS summed
        FROM ({leases}) AS l
    ) AS played
    WHERE summed > covered AND cost > 0 ORDER BY renewal_rank, id LIMIT %(most)s
) AS p JOIN numbers_number number ON number.id = p.number_id
"""
_COLUMNS = "id, number_id, renewal_rank, status, next_charge_on, anchor_day, monthly_price"
_SMALL_DAYS = _PLAYED.format(
    days="unnest(%(ns)s::int[], %(covered)s::numeric[]) AS day (n, covered)",
    # OFFSET 0: one group after the other, by the index lease_charges, however many leases of it there may be.
    leases=f"""
        SELECT lease.*, monthly_price * months AS cost
        FROM unnest(%(days)s::int[], %(statuses)s::text[], %(dates)s::date[], %(anchors)s::int[], %(months)s::int[])
            AS of_day (day, its_status, day_of_charge, anchor, months)
        CROSS JOIN LATERAL (
            SELECT {_COLUMNS} FROM numbers_lease
            WHERE status = its_status AND next_charge_on = day_of_charge AND anchor_day = anchor AND {_CHARGED} OFFSET 0
        ) AS lease WHERE day = n""",  # noqa: S608  constants of ours
)
# No condition on the day: whatever the planner thinks of it, the sums come in the order of the index lease_order, and
# the database stops after those that are wanted.
_LARGE_DAY = _PLAYED.format(
    days="(SELECT %(n{n})s::int AS n, %(covered{n})s::numeric AS covered) AS day",
    leases=f"SELECT {_COLUMNS}, monthly_price * CASE {{whens}} ELSE 0 END AS cost FROM numbers_lease WHERE {_CHARGED}",  # noqa: S608
)
_WHEN = "WHEN status = %({0}s)s AND next_charge_on = %({0}d)s AND anchor_day = %({0}a)s THEN %({0}m)s"

Key = tuple[str, date, int]  # status, next_charge_on and anchor_day: a group


@dataclass(frozen=True, slots=True)
class Member:
    lease_id: int
    group: Key
    price: Decimal
    e164: str
    before: Decimal  # what those before it on that day cost


@dataclass(frozen=True, slots=True)
class ChargeDay:
    """What falls on a day."""

    months: dict[Key, int]  # that are owed, by group
    count: int  # leases
    covered: Decimal  # how much of the day's cost is to be skipped


# (days, leases that are left out) → READ members of each day at most, from the first that is not covered.
Reader = Callable[[Sequence[ChargeDay], Collection[int]], list[list[Member]]]


def reader(project_id: int) -> Reader:
    return partial(_read, project_id)


def _read(project_id: int, days: Sequence[ChargeDay], lapsed: Collection[int]) -> list[list[Member]]:
    sql, values = statement(project_id, days, lapsed)
    found: list[list[Member]] = [[] for _ in days]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for n, lease_id, status, on, anchor, price, e164, before, _ in sorted(
            cursor.fetchall(), key=lambda row: (row[0], row[8], row[1])
        ):
            found[n].append(Member(lease_id, (status, on, anchor), price, e164, before))
    return found


def statement(project_id: int, days: Sequence[ChargeDay], lapsed: Collection[int]) -> tuple[str, dict[str, Any]]:
    """One for all days: small ones are found by their days, each large one adds a part."""
    small = [(n, day) for n, day in enumerate(days) if day.count <= SORTED]
    values: dict[str, Any] = {"project": project_id, "lapsed": list(lapsed), "most": READ}
    parts = []
    if small:
        groups = [(n, *key, months) for n, day in small for key, months in day.months.items()]
        names = ("days", "statuses", "dates", "anchors", "months")
        values |= dict(zip(names, map(list, zip(*groups, strict=True)), strict=True))
        values |= {"ns": [n for n, _ in small], "covered": [day.covered for _, day in small]}
        parts.append(_SMALL_DAYS)
    for n, day in enumerate(days):
        if day.count > SORTED:
            whens = []
            for m, ((status, on, anchor), months) in enumerate(day.months.items()):
                name = f"g{n}_{m}"
                whens.append(_WHEN.format(name))
                values |= {f"{name}s": status, f"{name}d": on, f"{name}a": anchor, f"{name}m": months}
            values |= {f"n{n}": n, f"covered{n}": day.covered}
            parts.append(_LARGE_DAY.format(n=n, whens=" ".join(whens)))
    return " UNION ALL ".join(parts), values
