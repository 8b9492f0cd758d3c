"""How long the credit lasts: the coming monthly charges and the usage of late, played forward against the balance.

Played are sums of the leases that are charged on the same days (groups.py), so it costs the same for one number and for
thousands. Single leases are read where the credit ends (members.py).
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing.money import ceil_to_cents, money
from numbers.leases.billing_dates import charge_date
from numbers.leases.models import Lease
from numbers.renewals.allocation import Allocation, Due, allocate, owed
from numbers.renewals.groups import RenewalGroup
from numbers.renewals.members import READ, ChargeDay, Key, Member, Reader, reader
from projects.models import Project

DAYS = 366  # how far it looks
USAGE_DAYS = 30  # of which usage is the average
LAPSES_SHOWN = 5
AHEAD = 200  # leases of later days that are read together with those of a day


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
    """A group of leases as the forecast goes on: who has lapsed has left it."""

    key: Key  # in the database, where nothing is charged
    count: int
    due: Due

    def months(self, day: date) -> int:
        return len(owed(self.due, day))

    def first_day(self, today: date) -> date:
        """On which something of it is charged."""
        owes = self.due.status == Lease.Status.SUSPENDED
        return today if owes else max(charge_date(self.due.started_on, self.due.next_period), today)

    def cost(self, day: date) -> Decimal:
        return self.due.price * self.months(day)

    def member(self, member: Member) -> Due:
        return replace(self.due, lease_id=member.lease_id, price=member.price, e164=member.e164)

    def leave(self, lapsed: Due) -> None:
        self.count -= 1
        self.due = replace(self.due, price=self.due.price - lapsed.price)

    def pay(self, day: date) -> None:
        self.due = replace(self.due, next_period=owed(self.due, day)[-1] + 1, status=Lease.Status.ACTIVE)


def forecast(
    balance: Decimal,
    daily_usage: Decimal,
    groups: Iterable[RenewalGroup],
    members: Reader,
    today: date,
    *,
    days: int = DAYS,
    lapses: int = LAPSES_SHOWN,
) -> Forecast:
    """What becomes of ``groups`` when no credit is added and nothing else is bought.

    Agrees with the monthly run: both call ``allocate``. Usage is spread evenly and comes before the months of a day.
    ``members`` is asked only on a day on which the credit does not reach.
    """
    projection = _Projection(balance, daily_usage, members, today, lapses)
    for group in groups:
        if not group.ending:
            key = (group.status, group.next_charge_on, group.anchor_day)
            projection.put(_Group(key, group.count, group.due()))
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

    def __init__(self, balance: Decimal, daily_usage: Decimal, members: Reader, today: date, lapses: int) -> None:
        self.balance, self.daily_usage, self.today = balance, daily_usage, today
        self.groups: dict[date, list[_Group]] = {}
        self.days: list[date] = []  # a heap
        self.lapses = lapses
        self.lapsed: list[Lapse] = []
        self.until: date | None = None
        self.missing = Decimal(0)
        self._members = members
        self._read: dict[frozenset[Key], list[Member]] = {}  # the first ones of a day, from the front of the order
        self._exhausted: date | None = None

    def put(self, group: _Group) -> None:
        day = group.first_day(self.today)
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
        self._charge(day, groups)
        for group in groups:
            if group.count:
                group.pay(day)
                self.put(group)

    def _charge(self, day: date, groups: list[_Group]) -> None:
        """When all can be paid, who comes first makes no difference. Until then, those that cannot leave."""
        while True:
            total, left = sum((group.cost(day) for group in groups), Decimal(0)), self._left_on(day)
            if total <= left or not total:
                break
            if self.until is None:
                self.until, self.missing = day, total - left
            short = self._short(day, groups, left)
            if not short:
                break  # the leases have changed since the groups were read
            by_key = {group.key: group for group in groups}
            for key, allocation in short:
                by_key[key].leave(allocation.due)
                self.balance -= allocation.cost  # some of its months
                self.lapsed.append(_lapse(allocation, day))
            if len(self.lapsed) >= self.lapses:
                return
        self.balance -= total

    def _short(self, day: date, groups: list[_Group], left: Decimal) -> list[tuple[Key, Allocation]]:
        """Some of those that are not paid, first ones first; another call may find more."""
        found = self._play(day, groups, left, self._known(groups))
        if found:
            return found
        members = self._ask(day, groups, left)
        return self._play(day, groups, left - members[0].before, members) if members else []

    def _known(self, groups: list[_Group]) -> list[Member]:
        keys = _keys(groups)
        read = next((members for known, members in self._read.items() if keys <= known), [])
        return [member for member in read if member.group in keys]

    def _play(
        self, day: date, groups: list[_Group], left: Decimal, members: list[Member]
    ) -> list[tuple[Key, Allocation]]:
        by_key, lapsed = {group.key: group for group in groups}, {lapse.lease_id for lapse in self.lapsed}
        playing = [member for member in members if member.lease_id not in lapsed]
        allocations, _ = allocate(left, [by_key[member.group].member(member) for member in playing], day)
        return [(who.group, what) for who, what in zip(playing, allocations, strict=True) if what.short]

    def _ask(self, day: date, groups: list[_Group], left: Decimal) -> list[Member]:
        """Members of the day, of a large one without those that are paid. The first ones of the next days come along:
        where few lapse on a day, the rest of those shown is found among them."""
        whole = _count(groups) <= READ
        asked = [_charge_day(day, groups, Decimal(0) if whole else max(left, Decimal(0)))]
        ahead = 0
        for later in sorted(self.days):
            if ahead > AHEAD:
                break
            if not self._known(self.groups[later]):
                asked.append(_charge_day(later, self.groups[later], Decimal(0)))
                ahead += _count(self.groups[later])
        found = self._members(asked, [lapse.lease_id for lapse in self.lapsed])
        for of_day, members in list(zip(asked, found, strict=True))[0 if whole else 1 :]:
            self._read[frozenset(of_day.months)] = members
        return found[0]

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


def _keys(groups: Iterable[_Group]) -> frozenset[Key]:
    return frozenset(group.key for group in groups)


def _count(groups: Iterable[_Group]) -> int:
    return sum(group.count for group in groups)


def _charge_day(day: date, groups: list[_Group], covered: Decimal) -> ChargeDay:
    return ChargeDay({group.key: group.months(day) for group in groups}, _count(groups), covered)


def _lapse(allocation: Allocation, day: date) -> Lapse:
    return Lapse(allocation.due.lease_id, allocation.due.e164, day, allocation.due.price)


def forecast_of(
    project: Project, groups: Iterable[RenewalGroup], *, balance: Decimal, used: Decimal, now: datetime
) -> Forecast:
    """``used``: what usage cost in the last ``USAGE_DAYS``. One query when the credit does not last, rarely more."""
    today = now.astimezone(UTC).date()
    return forecast(balance, money(used / USAGE_DAYS), groups, reader(project.pk), today)
