"""Which months a project's credit pays. No database: the monthly run, the retry and the forecast decide alike.

One after the other, in the customer's order: what the credit covers is paid, what it does not cover is skipped, and
cheaper ones after it are still tried. All dates are UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from numbers.leases.billing_dates import charge_date
from numbers.leases.models import Lease


@dataclass(frozen=True, slots=True)
class Due:
    """A lease of which at least one month is to be paid."""

    lease_id: int
    status: str  # one of Lease.LIVE
    started_on: date
    next_period: int
    price: Decimal
    e164: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a lease gets of the credit: ``paid`` are periods with their first days; ``short``: one is still owed."""

    due: Due
    paid: tuple[tuple[int, date], ...]
    short: bool

    @property
    def next_period(self) -> int:
        return self.paid[-1][0] + 1 if self.paid else self.due.next_period

    @property
    def next_charge_on(self) -> date:
        return charge_date(self.due.started_on, self.next_period)

    @property
    def cost(self) -> Decimal:
        return self.due.price * len(self.paid)


def period_on(started_on: date, day: date) -> int:
    """The period of a lease that contains ``day``; negative before its first day."""
    period = (day.year - started_on.year) * 12 + day.month - started_on.month
    return period if charge_date(started_on, max(period, 0)) <= day else period - 1


def owed(due: Due, today: date) -> range:
    """The periods to be paid, oldest first.

    Each one that was missed while the number worked; of a suspended number only the one that contains today.
    """
    current = period_on(due.started_on, today)
    if due.status == Lease.Status.SUSPENDED:
        current = max(current, due.next_period)  # a clock that was set back must not restore it for nothing
        return range(current, current + 1)
    return range(due.next_period, current + 1)


def allocate(balance: Decimal, dues: Iterable[Due], today: date) -> tuple[list[Allocation], Decimal]:
    """The allocations of ``dues``, given in the customer's order, and what is left of ``balance``."""
    allocations = []
    for due in dues:
        periods = owed(due, today)
        paid = []
        for period in periods:
            # A price of nothing is always paid, even while usage has the wallet below zero.
            if due.price > max(balance, Decimal(0)):
                break
            balance -= due.price
            paid.append((period, charge_date(due.started_on, period)))
        allocations.append(Allocation(due, tuple(paid), short=len(paid) < len(periods)))
    return allocations, balance
