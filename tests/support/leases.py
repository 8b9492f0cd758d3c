"""Numbers that a project holds, got by the front door: bought, free of charge."""

from datetime import UTC, datetime, timedelta

from numbers.models import Lease, Number
from tests.support.inventory import make_number
from tests.support.projects import make_project
from tests.support.purchases import purchase_number

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DID = "+12125550101"


def make_lease(e164=DID, project=None, *, status="active", voice=True, sms=True):
    make_number(e164, setup_price=0, monthly_price=0, voice=voice, sms=sms)
    lease = purchase_number(project or make_project(), e164, now=NOW)
    if status == "released":
        Lease.objects.filter(pk=lease.pk).update(status=status, ended_at=NOW)
        Number.objects.filter(e164=e164).update(status="available")
    elif status != "active":
        leave_unpaid(lease, status)
    return Lease.objects.select_related("number", "project").get(pk=lease.pk)


def leave_unpaid(lease, status):
    """Past due or suspended, with the dates that the database asks for."""
    Lease.objects.filter(pk=lease.pk).update(
        status=status, past_due_since=NOW, suspends_at=NOW + timedelta(days=10), releases_at=NOW + timedelta(days=30)
    )


def fresh(lease):
    """As it is in the database now."""
    return Lease.objects.select_related("number", "project", "call_route").get(pk=lease.pk)
