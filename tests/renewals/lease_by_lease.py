"""The forecast as it was first written, with each lease in hand: what the one by groups must say."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from decimal import Decimal

from numbers.leases.billing_dates import charge_date
from numbers.leases.models import Lease
from numbers.renewals.allocation import Allocation, Due, allocate, owed
from numbers.renewals.forecast import DAYS, LAPSES_SHOWN, Forecast, Lapse
from projects.models import Project


def leased(project: Project) -> list[Due]:
    """What is charged from now on, in the customer's order."""
    rows = (
        Lease.objects.filter(project=project, status__in=Lease.LIVE, release_on=None)
        .order_by("renewal_rank", "id")
        .values_list("pk", "status", "started_at", "next_period", "monthly_price", "number__e164")
    )
    return [
        Due(pk, status, at.astimezone(UTC).date(), period, price, e164) for pk, status, at, period, price, e164 in rows
    ]


@dataclass(slots=True)
class _Group:
    """Leases that are charged on the same days from now on, in the customer's order."""

    members: list[Due]
    total: Decimal
    months: int = 0  # paid for each member since the beginning

    @property
    def day(self) -> date:
        first = self.members[0]
        return charge_date(first.started_on, first.next_period + self.months)

    def now(self) -> list[Due]:
        return [replace(each, next_period=each.next_period + self.months) for each in self.members]


def play_forward(
    balance: Decimal,
    daily_usage: Decimal,
    leases: Sequence[Due],
    today: date,
    *,
    days: int = DAYS,
    lapses: int = LAPSES_SHOWN,
) -> Forecast:
    """What becomes of ``leases``, given in the customer's order, when no credit is added and nothing else is bought.

    Agrees with the monthly run: both call ``allocate``. Usage is spread evenly and comes before the months of a day.
    """
    projection = _Projection(balance, daily_usage, {due.lease_id: n for n, due in enumerate(leases)}, today)
    projection.charge_on(today, [due for due in leases if owed(due, today)])
    projection.schedule([due for due in leases if not owed(due, today)])
    end = today + timedelta(days=days)
    while projection.days and projection.days[0] <= end and len(projection.lapsed) < lapses:
        projection.advance()
    exhausted = projection.exhausted_on()
    until, missing = projection.until, projection.missing
    if exhausted is not None and exhausted <= end and (until is None or exhausted < until):
        until, missing = exhausted, Decimal(0)
    return Forecast(until, missing, tuple(projection.lapsed[:lapses]), daily_usage, balance, today)


class _Projection:
    """The state of a forecast."""

    def __init__(self, balance: Decimal, daily_usage: Decimal, rank: dict[int, int], today: date) -> None:
        self.balance, self.daily_usage, self.rank, self.today = balance, daily_usage, rank, today
        self.groups: dict[date, list[_Group]] = {}
        self.days: list[date] = []  # a heap
        self.lapsed: list[Lapse] = []
        self.until: date | None = None
        self.missing = Decimal(0)
        self._exhausted: date | None = None

    def schedule(self, dues: Iterable[Due]) -> None:
        """Members of a group share the day of the next charge and the day of the month at which they began."""
        groups: dict[tuple[date, int], list[Due]] = {}
        for due in dues:
            key = charge_date(due.started_on, due.next_period), due.started_on.day
            groups.setdefault(key, []).append(due)
        for members in groups.values():
            self._put(_Group(members, sum((each.price for each in members), Decimal(0))))

    def _put(self, group: _Group) -> None:
        day = group.day
        if day not in self.groups:
            self.groups[day] = []
            heapq.heappush(self.days, day)
        self.groups[day].append(group)

    def _left_on(self, day: date) -> Decimal:
        return self.balance - self.daily_usage * (day - self.today).days

    def advance(self) -> None:
        """The next day on which something is charged."""
        day = heapq.heappop(self.days)
        groups = self.groups.pop(day)
        self._note_exhaustion(day)
        total = sum((group.total for group in groups), Decimal(0))
        if total <= self._left_on(day) or not total:  # all is paid, and who comes first makes no difference
            self.balance -= total
            for group in groups:
                group.months += 1
                self._put(group)
            return
        dues = sorted((due for group in groups for due in group.now()), key=lambda due: self.rank[due.lease_id])
        self.charge_on(day, dues)

    def charge_on(self, day: date, dues: list[Due]) -> None:
        allocations, left = allocate(self._left_on(day), dues, day)
        short = [allocation for allocation in allocations if allocation.short]
        if short and self.until is None:
            total = sum((due.price * len(owed(due, day)) for due in dues), Decimal(0))
            self.until, self.missing = day, total - self._left_on(day)
        self.balance = left + (self.balance - self._left_on(day))
        self.lapsed += [_lapse(allocation, day) for allocation in short]
        self.schedule(
            replace(allocation.due, next_period=allocation.next_period, status=Lease.Status.ACTIVE)
            for allocation in allocations
            if not allocation.short
        )

    def _note_exhaustion(self, before: date) -> None:
        """Usage eats the credit on the way to ``before``."""
        if self._exhausted is None and self.daily_usage > 0 and self._left_on(before) < 0:
            self._exhausted = self._first_day_below_zero()

    def _first_day_below_zero(self) -> date:
        return self.today + timedelta(days=max(int(self.balance // self.daily_usage) + 1, 0))

    def exhausted_on(self) -> date | None:
        if self._exhausted is None and self.daily_usage > 0 and self.balance < self.daily_usage * DAYS:
            return self._first_day_below_zero()
        return self._exhausted


def _lapse(allocation: Allocation, day: date) -> Lapse:
    return Lapse(allocation.due.lease_id, allocation.due.e164, day, allocation.due.price)
