"""Calls that would come back to where they came from, by way of numbers of ours and of those that were."""

import itertools

import pytest
from django.db import transaction

from numbers.models import CallRoute, Lease, Number
from numbers.routing.services import clear_route, set_pstn
from portal.core.errors import DomainError
from projects.actor import SYSTEM
from tests.support.leases import DID, NOW, make_lease
from tests.support.projects import make_project
from tests.support.purchases import purchase_number

pytestmark = pytest.mark.django_db
TARGET = "+442079460018"


def set_to(lease, target):
    return set_pstn(lease=lease, target=target, by=SYSTEM, now=NOW)


def comes_back(lease, target):
    with pytest.raises(DomainError) as caught, transaction.atomic():
        set_to(lease, target)
    assert caught.value.code == "route_target_loop"


def test_a_number_that_was_released_and_sold_on_leads_where_its_new_owner_wants(lease):
    """Whom it was routed by before is over: neither is a loop seen where none is, nor one overlooked."""
    middle = make_lease("+12125550102")
    set_to(middle, DID)
    comes_back(lease, "+12125550102")
    Lease.objects.filter(pk=middle.pk).update(status="released", ended_at=NOW)
    Number.objects.filter(e164="+12125550102").update(status="available")
    assert set_to(lease, "+12125550102").pstn_target == "+12125550102", "nobody holds it, so it leads nowhere"
    clear_route(lease=lease, by=SYSTEM, now=NOW)
    bought = purchase_number(make_project(), "+12125550102", now=NOW)
    assert set_to(lease, "+12125550102").pstn_target == "+12125550102", "its new owner has set nothing"
    clear_route(lease=lease, by=SYSTEM, now=NOW)
    set_to(bought, TARGET)
    assert set_to(lease, "+12125550102").pstn_target == "+12125550102", "it leads elsewhere by now"
    clear_route(lease=lease, by=SYSTEM, now=NOW)
    set_to(bought, DID)
    comes_back(lease, "+12125550102")


def test_a_loop_by_way_of_a_suspended_number_is_one(lease):
    """It will be paid for again."""
    middle = make_lease("+12125550102", status="suspended")
    set_to(middle, DID)
    comes_back(lease, "+12125550102")


def test_a_chain_ends_somewhere_or_is_refused(lease):
    """Eight numbers of ours in a row are as many as are looked through."""
    chain = [make_lease(f"+121255502{n:02d}", lease.project) for n in range(9)]
    for here, there in itertools.pairwise(chain):
        CallRoute.objects.create(lease=here, kind="pstn", pstn_target=there.number.e164)
    comes_back(lease, chain[0].number.e164)
    assert set_to(lease, chain[2].number.e164)
