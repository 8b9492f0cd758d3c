"""What a project holds, for the tests of this folder: bought by the front door, moved by the services."""

from datetime import UTC, datetime, timedelta

from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest

from numbers.leases import releasing
from numbers.models import Lease
from portal.accounts.models import User
from projects.actor import SYSTEM
from tests.support.inventory import make_number
from tests.support.purchases import purchase_number

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)


def buy(project, e164=None, now=NOW, **extra):
    number = make_number(e164, **extra)
    lease = purchase_number(project, number.e164, now=now)
    return fresh(lease)


def fresh(lease):
    """As it is in the database now."""
    return Lease.objects.select_related("number", "project", "call_route").get(pk=lease.pk)


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


def freshen(client):
    """The session as a second factor entered just now leaves it."""
    request = HttpRequest()
    request.session = client.session
    record_authentication(
        request, User.objects.get(pk=request.session["_auth_user_id"]), method="mfa", reauthenticated=True
    )
    request.session.save()
    return client
