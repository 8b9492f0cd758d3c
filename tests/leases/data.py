"""What a project holds, for the tests of this folder: bought by the front door, moved by the services."""

from datetime import UTC, datetime, timedelta

from numbers.leases import releasing
from numbers.models import Lease
from projects.actor import SYSTEM
from tests.support import purchases
from tests.support.leases import fresh

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)


def buy(project, e164=None, now=NOW, **number):
    return fresh(purchases.buy(project, e164, now=now, **number))


def release(lease, now=NOW, *, at_period_end=False, by=SYSTEM):
    return releasing.release(lease=lease, at_period_end=at_period_end, by=by, now=now)


def unpaid(lease, status="past_due", since=NOW):
    """A month could not be charged; what the renewals write then."""
    Lease.objects.filter(pk=lease.pk).update(
        status=status,
        past_due_since=since,
        suspends_at=since + timedelta(days=10),
        releases_at=since + timedelta(days=30),
        next_charge_on=since.date(),
    )
    return fresh(lease)
