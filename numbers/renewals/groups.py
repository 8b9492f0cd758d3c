"""A project's numbers summed up by the days of their charges: thousands of leases are a few dozen groups."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from numbers.leases.models import Lease
from numbers.renewals.allocation import Due
from portal.core.sql import literals

_LIVE = literals(*Lease.LIVE)
# In SQL, because all of it is one statement: a page asks for groups, the next charges and what is unpaid at once. The
# groups are read from the index lease_charges alone, the next charges in its order. A suspended number is charged when
# it is paid, an ending one never again. Before any column of a row: what it is of.
_GROUPS = f"""
WITH held AS (
    SELECT status, release_on IS NOT NULL AS ending, next_charge_on, anchor_day, count(*) AS leases,
           sum(monthly_price) AS monthly
    FROM numbers_lease WHERE project_id = %(project)s AND status IN ({_LIVE})
    GROUP BY 1, 2, 3, 4
), unpaid AS (
    SELECT min(suspends_at) FILTER (WHERE status = {literals(Lease.Status.PAST_DUE)}) AS stops_at,
           min(releases_at) AS released_at, min(id) AS one
    FROM numbers_lease WHERE project_id = %(project)s AND status IN ({literals(*Lease.UNPAID)})
), coming AS (
    SELECT id, number_id, status, next_charge_on, anchor_day, monthly_price, friendly_name
    FROM numbers_lease
    WHERE project_id = %(project)s AND status IN ({literals(*Lease.CHARGED)}) AND release_on IS NULL
    ORDER BY next_charge_on, id LIMIT %(charges)s
)
SELECT 'unpaid', NULL, NULL, NULL, NULL, NULL, NULL, l.id, e164, NULL, stops_at, released_at
FROM unpaid JOIN numbers_lease l ON l.id = one JOIN numbers_number n ON n.id = l.number_id
UNION ALL
SELECT 'charge', c.status, false, next_charge_on, anchor_day, 1, c.monthly_price, c.id, e164, friendly_name, NULL, NULL
FROM coming c JOIN numbers_number n ON n.id = c.number_id
UNION ALL
SELECT 'group', status, ending, next_charge_on, anchor_day, leases, monthly, NULL, NULL, NULL, NULL, NULL FROM held
"""  # noqa: S608  constants of ours


@dataclass(frozen=True, slots=True)
class RenewalGroup:
    """Leases that are charged on the same days from now on."""

    status: str  # one of Lease.LIVE
    ending: bool  # to be released instead of charged
    next_charge_on: date
    anchor_day: int
    count: int
    monthly: Decimal  # what a month of all of them costs

    def due(self) -> Due:
        """As if they were one. Its periods are counted from a January: only their days matter, and it has 31."""
        return Due(0, self.status, date(self.next_charge_on.year, 1, self.anchor_day), self.month, self.monthly)

    @property
    def month(self) -> int:
        return self.next_charge_on.month - 1


@dataclass(frozen=True, slots=True)
class NextCharge:
    lease_id: int
    e164: str
    friendly_name: str
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ProjectRenewals:
    """All live leases of a project."""

    groups: list[RenewalGroup]
    charges: list[NextCharge]  # those that come first, by day
    stops_at: datetime | None  # when the first of the unpaid ones that still work stops
    released_at: datetime | None  # when the first of the unpaid ones is released
    one_unpaid: str  # the number of one of them in E.164, "" when there is none

    @property
    def active(self) -> int:
        """Paid or not."""
        return sum(group.count for group in self.groups)

    @property
    def monthly_cost(self) -> Decimal:
        return sum((group.monthly for group in self.groups), Decimal(0))


def project_renewals(project_id: int, *, charges: int = 0) -> ProjectRenewals:
    """``charges``: how many of the next ones are wanted. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, {"project": project_id, "charges": charges})
        rows = cursor.fetchall()
    unpaid: tuple[Any, ...] = next((row for row in rows if row[0] == "unpaid"), ())
    coming = [NextCharge(row[7], row[8], row[9], row[3], row[6]) for row in rows if row[0] == "charge"]
    return ProjectRenewals(
        groups=[RenewalGroup(*row[1:7]) for row in rows if row[0] == "group"],
        charges=sorted(coming, key=lambda charge: (charge.on, charge.lease_id)),
        stops_at=unpaid[10] if unpaid else None,
        released_at=unpaid[11] if unpaid else None,
        one_unpaid=unpaid[8] if unpaid else "",
    )
