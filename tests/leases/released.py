"""What the tests of releases share."""

import pytest

from numbers.models import Lease, Number
from portal.jobs.models import Job
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.leases.data import NOW, buy
from tests.support.refusals import refused


@pytest.fixture
def lease(project):
    return buy(project, "+12125550101")


def refused_without_trace(code, act, **given):
    """Asserts that it is refused with ``code`` and that nothing changed."""
    before = everything()
    error = refused(code, act, **{"by": SYSTEM, "now": NOW} | given)
    assert before == everything()
    return error


def everything():
    return (
        list(Lease.objects.values()),
        list(Number.objects.values()),
        AuditEntry.objects.count(),
        Job.objects.count(),
    )


def actions(number="+12125550101"):
    entries = AuditEntry.objects.filter(subject=number).exclude(action="number.purchased").order_by("id")
    return [entry.action for entry in entries]
