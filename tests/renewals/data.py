"""Numbers with a past: bought through the real service, on a day of one's choice."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing.ledger import queries as ledger
from billing.ledger.models import Transfer
from numbers.models import Lease
from portal.jobs.models import Job
from tests.support.inventory import make_number
from tests.support.projects import fund
from tests.support.purchases import purchase_number


def at(text, hour=12):
    """``"2027-01-31"`` at noon, UTC."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + timedelta(hours=hour)


def buy(project, on="2027-01-31", price="2", setup="0", **extra):
    """A number bought on that day; its setup and first month come out of credit added for it."""
    cost = Decimal(price) + Decimal(setup)
    if cost:
        fund(project, cost)
    number = make_number(monthly_price=Decimal(price), setup_price=Decimal(setup), **extra)
    lease = purchase_number(project, number.e164, now=on if isinstance(on, datetime) else at(on))
    Job.objects.filter(kind="numbers.purchased_mail").delete()  # another test's business
    return lease


def balance(project):
    return ledger.balance(project.pk)


def months(lease):
    """The days on which the paid months begin, without the one of the purchase."""
    return [
        f"{day}" for day in lease.charges.filter(period__gt=0).order_by("period").values_list("starts_on", flat=True)
    ]


def booked(lease):
    """Amounts of the monthly transfers, without the first month."""
    return list(
        Transfer.objects.filter(key__startswith=f"monthly:{lease.pk}:")
        .exclude(key=f"monthly:{lease.pk}:0")
        .order_by("id")
        .values_list("amount", flat=True)
    )


def state(lease):
    fresh = Lease.objects.get(pk=lease.pk)
    return fresh.status, f"{fresh.next_charge_on}"
