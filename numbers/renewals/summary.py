"""A project's numbers and their coming charges for the dashboard, from one query."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from numbers.leases.billing_dates import charge_date
from numbers.leases.models import Lease
from numbers.renewals.forecast import Forecast, LeasedNumber, forecast_numbers, leased_numbers
from numbers.renewals.queries import UnpaidSummary, unpaid_summary
from projects.models import Project


@dataclass(frozen=True, slots=True)
class NextCharge:
    lease_id: int
    e164: str
    friendly_name: str
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RenewalSummary:
    active: int  # live leases, paid or not
    monthly_cost: Decimal
    charges: list[NextCharge]  # those that come first
    forecast: Forecast
    unpaid: UnpaidSummary | None


def renewal_summary(
    project: Project, now: datetime, *, balance: Decimal, used: Decimal, charges: int
) -> RenewalSummary:
    """``used``: what usage cost in the last USAGE_DAYS; ``charges``: how many of the next ones are wanted.

    One query, and one more when something is unpaid.
    """
    numbers = leased_numbers(project)
    any_unpaid = any(number.due.status in Lease.UNPAID for number in numbers)
    return RenewalSummary(
        active=len(numbers),
        monthly_cost=sum((number.due.price for number in numbers), Decimal(0)),
        charges=_next(numbers)[:charges],
        forecast=forecast_numbers(numbers, balance=balance, used=used, now=now),
        unpaid=unpaid_summary(project.pk, now, balance) if any_unpaid else None,
    )


def _next(numbers: list[LeasedNumber]) -> list[NextCharge]:
    """By day. A suspended number is charged when it is paid, an ending one never again."""
    coming = [
        NextCharge(
            each.due.lease_id,
            each.due.e164,
            each.friendly_name,
            charge_date(each.due.started_on, each.due.next_period),
            each.due.price,
        )
        for each in numbers
        if each.due.status != Lease.Status.SUSPENDED and not each.ending
    ]
    return sorted(coming, key=lambda charge: (charge.on, charge.lease_id))
