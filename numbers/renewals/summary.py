"""What the dashboard says about a project's numbers and what they will cost, from one query."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from numbers.leases.billing_dates import charge_date
from numbers.renewals.forecast import Held, Runway, held, runway_of
from numbers.renewals.queries import UNPAID, Unpaid, unpaid
from projects.models import Project


@dataclass(frozen=True, slots=True)
class NextCharge:
    lease_id: int
    e164: str
    friendly_name: str
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Outlook:
    active: int  # numbers that the project holds, whether paid or not
    monthly_cost: Decimal
    charges: list[NextCharge]  # those that come first
    runway: Runway
    unpaid: Unpaid | None


def outlook(project: Project, now: datetime, *, balance: Decimal, used: Decimal, charges: int) -> Outlook:
    """``used``: what usage cost in the last USAGE_DAYS; ``charges``: how many of the next ones are wanted.

    One query, and one more when something is unpaid.
    """
    numbers = held(project)
    return Outlook(
        active=len(numbers),
        monthly_cost=sum((number.due.price for number in numbers), Decimal(0)),
        charges=_next(numbers)[:charges],
        runway=runway_of(numbers, balance=balance, used=used, now=now),
        unpaid=unpaid(project.pk, now, balance) if any(each.due.status in UNPAID for each in numbers) else None,
    )


def _next(numbers: list[Held]) -> list[NextCharge]:
    """By day; a number that rests is charged when it is paid, one that leaves never again."""
    coming = [
        NextCharge(
            each.due.lease_id,
            each.due.e164,
            each.friendly_name,
            charge_date(each.due.started_on, each.due.next_period),
            each.due.price,
        )
        for each in numbers
        if each.due.status != "suspended" and not each.leaves
    ]
    return sorted(coming, key=lambda charge: (charge.on, charge.lease_id))
