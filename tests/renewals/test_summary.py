"""What the dashboard and Purchased Numbers say about the months ahead and those that are unpaid."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from numbers.leases.releasing import release
from numbers.renewals.charging import charge_months
from numbers.renewals.dunning import run_dunning
from numbers.renewals.queries import unpaid_summary
from numbers.renewals.summary import renewal_summary
from projects.actor import SYSTEM
from projects.models import Role
from tests.renewals.data import at, buy
from tests.support.pages import words
from tests.support.people import sign_in
from tests.support.projects import add_member, fund

pytestmark = pytest.mark.django_db
DUE = at("2027-02-28")


@pytest.fixture(autouse=True)
def _days(settings):
    settings.UNPAID_MAIL_DAYS, settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = [0], 10, 30


@pytest.fixture
def starting_credit():
    return None


@pytest.fixture
def look(client, owner, project, time_machine):
    """``look(page, now)`` → the words of the dashboard ("") or another page at that time."""

    def read(page="", now=DUE):
        time_machine.move_to(now, tick=False)
        sign_in(client, owner)
        response = client.get(f"/projects/{project.pid}/{page}")
        assert response.status_code == 200
        body = response.content.decode()
        return words(body[body.index('id="main"') :])

    return read


def test_next_charges_come_by_day(project):
    late = buy(project, "2027-01-31", price="2")
    early = buy(project, "2027-01-10", price="2.5")
    resting, leaving = buy(project, "2026-12-10", price="1"), buy(project, "2027-01-11")
    charge_months(now=at("2027-01-10"))
    run_dunning(now=at("2027-01-10"))
    run_dunning(now=at("2027-01-20"))
    release(lease=leaving, at_period_end=True, by=SYSTEM, now=at("2027-01-20"))
    found = renewal_summary(project, at("2027-02-01"), balance=Decimal(0), used=Decimal(0), charges=5)
    assert [(charge.lease_id, f"{charge.on}", charge.amount) for charge in found.charges] == [
        (early.pk, "2027-02-10", Decimal("2.5")),
        (late.pk, "2027-02-28", Decimal(2)),
    ]
    assert (found.active, found.monthly_cost) == (4, Decimal("7.5"))
    assert (found.unpaid.count, found.unpaid.suspended, found.unpaid.one) == (1, 1, resting.number.e164)
    assert len(renewal_summary(project, DUE, balance=Decimal(0), used=Decimal(0), charges=1).charges) == 1


def test_forecast_on_the_dashboard(look, project):
    first, second = buy(project, "2027-01-31", price="2"), buy(project, "2027-01-31", price="3")
    fund(project, "6")
    words = look(now=at("2027-02-10"))
    assert "How long your credit lasts Until 31 March 2027" in words
    assert "You will need 4.00 USD more for the renewals of that day" in words
    for lease in (first, second):
        assert re.search(rf"{lease.number.e164[-4:]} 31 Mar {lease.monthly_price:.2f} USD", words)
    fund(project, "1000")
    assert "More than 12 months" in look(now=at("2027-02-10"))


def test_no_forecast_without_numbers(look):
    assert "How long your credit lasts" not in look()


@pytest.mark.parametrize("page", ["", "numbers/purchased/", "numbers/renewals/"])
def test_what_is_unpaid_is_said_where_it_matters(look, project, page):
    buy(project, price="2")
    buy(project, price="3.5")
    fund(project, "0.10")
    assert "not paid." not in look(page, DUE - timedelta(days=1))
    charge_months(now=DUE)
    words = look(page)
    assert (
        "The renewals of 2 numbers are not paid. They will be suspended on 10 March 2027. Unless they are paid, "
        "the first is released on 30 March 2027."
    ) in words
    assert "Add credits: 5.40 USD" in words


def test_each_missed_month_is_owed_of_a_number_that_works_and_one_of_a_number_that_rests(look, project):
    buy(project, price="2")
    charge_months(now=DUE)
    april = at("2027-03-31")
    assert unpaid_summary(project.pk, april - timedelta(days=1)).missing == 2
    assert unpaid_summary(project.pk, april).missing == 4
    assert "Add credits: 4.00 USD" in look(now=april)
    run_dunning(now=DUE)
    run_dunning(now=at("2027-03-10"))
    assert unpaid_summary(project.pk, april).missing == 2
    assert "Add credits: 2.00 USD" in look(now=april)


def test_words_for_numbers_that_rest(look, project):
    buy(project, "2027-01-10", price="2")
    charge_months(now=at("2027-02-10"))
    run_dunning(now=at("2027-02-10"))
    run_dunning(now=at("2027-02-20"))
    words = look(now=at("2027-02-21"))
    assert "is not paid. It is suspended. Unless it is paid, it is released on 12 March 2027." in words
    buy(project, "2027-01-31", price="2")
    charge_months(now=DUE)
    assert "The renewals of 2 numbers are not paid. 1 is suspended; 1 will be suspended on 10 March 2027." in look()


def test_who_may_not_add_credits_is_not_sent_there(client, project, time_machine):
    buy(project)
    charge_months(now=DUE)
    time_machine.move_to(DUE, tick=False)
    sign_in(client, add_member(project, Role.DEVELOPER))
    body = client.get(f"/projects/{project.pid}/").content.decode()
    assert "is not paid." in body
    assert "#add" not in body


def test_a_dashboard_with_everything_unpaid_needs_few_queries(client, owner, project, django_assert_max_num_queries):
    sign_in(client, owner)
    for _ in range(6):
        buy(project, "2026-01-31")
    charge_months(now=at("2026-02-28"))
    client.get(f"/projects/{project.pid}/")
    with django_assert_max_num_queries(10):
        assert client.get(f"/projects/{project.pid}/").status_code == 200


def test_the_overview_of_a_month_shows_its_monthly_charges(look, project):
    fund(project, "20")
    lease = buy(project, "2027-01-31", price="2")
    charge_months(now=at("2027-04-15"))  # two missed months, booked in April
    words = look("numbers/?month=2027-04", at("2027-04-20"))
    assert re.search(rf"{lease.number.e164[-4:]} .*? 4\.00 USD 4\.00 USD", words)
    assert "2.00 USD" in look("numbers/?month=2027-01", at("2027-04-20"))


def test_the_months_stand_in_the_histories(look, project):
    fund(project, "20")
    lease = buy(project, "2027-01-31", price="2")
    charge_months(now=DUE)
    for page in ("credits/history/", f"numbers/purchased/{lease.pk}/"):
        assert re.search(rf"Month of \+1 212-555-{lease.number.e164[-4:]} from 28 Feb 2027", look(page))
