"""The page's form token and the API's Idempotency-Key are two things, though they may be the same text."""

import pytest
from django.urls import reverse

from numbers.models import Lease, Order
from projects import tokens
from projects.actor import SYSTEM
from tests.support.inventory import make_number
from tests.support.people import browser_of, freshen
from tests.support.projects import make_project
from tests.support.regulations import make_regulation

pytestmark = pytest.mark.django_db
TEXT = "0123456789abcdef" * 2  # fits both
FIRST, SECOND = "+12125550101", "+12125550102"


@pytest.fixture
def by_page(keys):
    browser = freshen(browser_of(keys.project.created_by))

    def buy(e164, **more):
        form = {"form_token": TEXT, "expected_total": "3.00"} | more
        answer = browser.post(reverse("numbers:buy", args=[keys.project.pid, e164[1:]]), form)
        return answer.status_code

    return buy


@pytest.fixture
def by_api(client, keys):
    def buy(e164, sent=None):
        form = (sent or keys.sent) | {"number": e164, "action": "purchase"}
        answer = client.post("/purchasenumber", form, headers={"Idempotency-Key": TEXT})
        return answer.status_code

    return buy


def held():
    return set(Lease.objects.values_list("number__e164", flat=True))


@pytest.mark.parametrize("page_first", [True, False])
def test_each_buys_its_own_number(page_first, by_page, by_api):
    for e164 in (FIRST, SECOND):
        make_number(e164)
    if page_first:
        assert (by_page(FIRST), by_api(SECOND)) == (302, 200)
    else:
        assert (by_api(FIRST), by_page(SECOND)) == (200, 302)
    assert held() == {FIRST, SECOND}


def test_the_number_that_the_page_bought_is_not_said_to_be_bought_now(by_page, by_api):
    make_number(FIRST)
    assert (by_page(FIRST), by_api(FIRST)) == (302, 409)
    assert Lease.objects.count() == 1


def test_each_orders_its_own_number(by_page, by_api):
    make_regulation("US", lines=["passport"])
    for e164 in (FIRST, SECOND):
        make_number(e164, docs_required=True)
    assert (by_page(FIRST, order="", holder="business"), by_api(SECOND)) == (302, 202)
    assert set(Order.objects.values_list("number__e164", flat=True)) == {FIRST, SECOND}


def test_another_project_may_use_the_same_text(by_api, keys):
    for e164 in (FIRST, SECOND):
        make_number(e164)
    other = make_project(credit=100)
    theirs = {"projectid": other.pid, "authtoken": tokens.reveal(project=other, slot="primary", by=SYSTEM)}
    assert (by_api(FIRST), by_api(SECOND, theirs), by_api(FIRST, theirs)) == (200, 200, 409)
    assert set(Lease.objects.values_list("project", "number__e164")) == {(keys.project.pk, FIRST), (other.pk, SECOND)}
