"""A project with a number, and its suspension."""

import pytest
from django.utils import timezone

from numbers.routing.services import set_pstn
from projects import suspension
from projects.actor import SYSTEM
from tests.support.leases import NOW, make_lease
from tests.support.prices import set_price
from tests.support.projects import fund

REASON = "Calls to your numbers were reported as fraud. Write to us."


TARGET = "+442079460018"


def suspend(project):
    return suspension.suspend(project=project, reason=REASON, by=SYSTEM, now=timezone.now())


@pytest.fixture
def lease():
    set_price()
    lease = make_lease()
    set_pstn(lease=lease, target=TARGET, by=SYSTEM, now=NOW)
    fund(lease.project, "50")
    return lease
