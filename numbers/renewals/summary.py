"""A project's numbers and their coming charges for the dashboard."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from numbers.renewals.forecast import Forecast, forecast_of
from numbers.renewals.groups import NextCharge, project_renewals
from numbers.renewals.queries import UnpaidSummary, unpaid_of
from projects.models import Project


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

    One query, and the forecast's when the credit does not last.
    """
    renewals = project_renewals(project.pk, charges=charges)
    return RenewalSummary(
        active=renewals.active,
        monthly_cost=renewals.monthly_cost,
        charges=renewals.charges,
        forecast=forecast_of(project, renewals.groups, balance=balance, used=used, now=now),
        unpaid=unpaid_of(renewals, now, balance),
    )
