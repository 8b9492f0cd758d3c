"""One number of each kind, and what a list shows of them."""

import pytest
from django.urls import reverse

from numbers.leases import services
from numbers.models import CallRoute
from projects.actor import SYSTEM
from tests.leases.data import NOW, buy


@pytest.fixture
def stock(project):
    """One number of each kind: tagged, routed, SMS only, tollfree without messages."""
    ny = buy(project, "+12125550101")
    london = buy(project, "+442079460100", country="GB", region="England", city="London")
    berlin = buy(project, "+4930901820", country="DE", region="", city="Berlin", voice=False)
    free = buy(project, "+18005550101", type="tollfree", region="", city="", sms=False)
    services.set_tags(lease=ny, tags=["support", "night shift"], by=SYSTEM, now=NOW)
    services.set_tags(lease=london, tags=["support"], by=SYSTEM, now=NOW)
    services.rename_lease(lease=berlin, name="Alerts", by=SYSTEM, now=NOW)
    CallRoute.objects.create(lease=london, kind="pstn", pstn_target="+442079460018")
    CallRoute.objects.create(lease=free, kind="")
    return {"ny": ny, "london": london, "berlin": berlin, "free": free}


def url(project, name="purchased"):
    return reverse(f"numbers:{name}", args=[project.pid])
