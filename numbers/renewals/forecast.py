"""How long the credit lasts: the coming monthly charges and the usage of late, played forward against the balance."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing.ledger import queries as ledger
from billing.money import ceil_to_cents, money
from numbers.leases.billing_dates import charge_date
from numbers.leases.models import Lease
from numbers.renewals.allocation import Allocation, Due, allocate, owed
from projects.models import Project

DAYS = 366  # how far it looks
USAGE_DAYS = 30  # of which usage is the average
LAPSES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lapse:
    """A number whose month will not be paid."""

    lease_id: int
    e164: str
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    until: date | None  # the first day on which the credit does not reach; None: not within a year
    missing: Decimal  # what has to be added so that all that falls on that day is paid
    lapses: tuple[Lapse, ...]  # the first numbers whose month is not paid
    daily_usage: Decimal
    balance: Decimal
    today: date

    @property
    def over(self) -> bool:
        """It does not reach even now."""
        return self.until is not None and self.until <= self.today

    @property
    def to_add(self) -> Decimal:
        """In whole cents."""
        return ceil_to_cents(self.missing)

    @property
    def usage_ends_it(self) -> bool:
        """The credit is used up before any month falls due."""
        return self.until is not None and not self.missing


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


def forecast(
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


@dataclass(frozen=True, slots=True)
class LeasedNumber:
    """A live lease, with what the forecast and the dashboard need of it."""

    due: Due
    friendly_name: str
    ending: bool  # to be released instead of charged


def leased_numbers(project: Project) -> list[LeasedNumber]:
    """The project's numbers in the customer's order, in one light query however many there are."""
    rows = (
        Lease.objects.filter(project=project, status__in=Lease.LIVE)
        .order_by("renewal_rank", "id")
        .values_list(
            "pk", "status", "started_at", "next_period", "monthly_price", "number__e164", "friendly_name", "release_on"
        )
    )
    return [
        LeasedNumber(
            Due(pk, status, started_at.astimezone(UTC).date(), period, price, e164), name, release_on is not None
        )
        for pk, status, started_at, period, price, e164, name, release_on in rows
    ]


def forecast_numbers(numbers: Iterable[LeasedNumber], *, balance: Decimal, used: Decimal, now: datetime) -> Forecast:
    """``used``: what usage cost in the last ``USAGE_DAYS``."""
    dues = [number.due for number in numbers if not number.ending]
    return forecast(balance, money(used / USAGE_DAYS), dues, now.astimezone(UTC).date())


def project_forecast(project: Project, now: datetime) -> Forecast:
    """The forecast of a project as it is now; three queries."""
    return forecast_numbers(
        leased_numbers(project),
        balance=ledger.balance(project.pk),
        now=now,
        used=ledger.used_since(project.pk, now - timedelta(days=USAGE_DAYS)),
    )
