"""The page of a call says why it was not answered."""

import pytest
from django.urls import reverse

from numbers.routing import services
from numbers.routing.route_settings import SecondStep
from projects.actor import SYSTEM
from tests.calls.test_why import SERVER, call, now, set_route, with_user
from tests.support.leases import make_lease
from tests.support.pages import text
from tests.support.prices import set_price
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease(project):
    set_price()
    made = make_lease(project=project)
    services.set_pstn(lease=made, target="+442079460018", **now())
    return made


def address(record):
    return reverse("numbers:call", args=[record.project.pid, record.started, record.id])


def test_the_page_says_why_it_did_not_ring_and_what_to_do(customer, lease):
    services.block_caller(lease=lease, entry="+4420*", **now())
    record = call(lease, 603)
    services.unblock_caller(lease=lease, entry="+4420*", **now())
    page = text(customer.get(address(record)))
    assert "Why was it not answered?" in page
    assert "The caller is on the block list of this number: numbers that begin with +4420." in page
    assert "Remove the entry from the block list." in page


def test_answered_calls_and_outgoing_legs_need_no_explanation(customer, lease):
    for record in (call(lease, 200, status="answered"), call(lease, 503, direction="out")):
        assert "Why was it not answered?" not in text(customer.get(address(record)))


def test_it_costs_as_many_queries_however_much_happened(customer, lease):
    user = with_user(lease)
    step = SecondStep(pstn="+442079460018")
    services.set_no_answer(lease=lease, seconds=25, step=step, **now())
    customer.get("/projects/")
    few = query_count(customer, address(call(lease, 480, kind="users", call_id="x")))
    assert few <= 10
    for n in range(20):
        services.set_no_answer(lease=lease, seconds=30 + n, step=step, **now())
        services.remove_user(lease=lease, user_id=user.pk, by=SYSTEM, now=now()["now"])
        services.add_user(lease=lease, username="anna", **now())
    assert query_count(customer, address(call(lease, 480, kind="users", call_id="x"))) == few
    tag = f"{lease.pk}.2.0.0a1b2c3d"
    services.set_pstn(lease=lease, target="+442079460019", **now())
    assert query_count(customer, address(call(lease, 503, call_id="x", route_etag=tag))) <= few
    set_route(lease, kind="sip", sip=SERVER)
    assert query_count(customer, address(call(lease, 503, kind="sip"))) <= few
