"""How long the credit lasts, and whether that comes true."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from numbers.leases.billing_dates import charge_date
from numbers.leases.releasing import release
from numbers.models import Lease
from numbers.renewals.allocation import Due
from numbers.renewals.charging import charge_months
from projects.actor import SYSTEM
from tests.renewals.data import at, balance, buy
from tests.renewals.plays import forecast, project_forecast
from tests.support.projects import charge_usage, make_project

TODAY = date(2027, 2, 15)


def number(n, price, started="2027-01-20", status="active", period=1):
    return Due(n, status, date.fromisoformat(started), period, Decimal(price), f"+1212555010{n}")


def lapsed(result):
    return [(lapse.lease_id, f"{lapse.on}") for lapse in result.lapses]


def test_without_numbers_and_usage_it_lasts():
    result = forecast(Decimal(0), Decimal(0), [], TODAY)
    assert (result.until, result.lapses, result.over) == (None, (), False)


def test_the_first_day_that_is_not_paid_and_what_is_missing():
    result = forecast(Decimal("5"), Decimal(0), [number(1, "2"), number(2, "2")], TODAY)
    assert (f"{result.until}", result.missing) == ("2027-03-20", Decimal(3))
    assert lapsed(result) == [(1, "2027-03-20"), (2, "2027-03-20")]


def test_the_customers_order_decides_who_lapses_first():
    result = forecast(Decimal("6"), Decimal(0), [number(2, "3"), number(1, "4"), number(3, "3")], TODAY)
    assert lapsed(result) == [(1, "2027-02-20"), (2, "2027-03-20"), (3, "2027-03-20")]
    assert (f"{result.until}", result.missing) == ("2027-02-20", Decimal(4))


def test_at_most_five_are_named():
    result = forecast(Decimal(0), Decimal(0), [number(n, "1") for n in range(1, 9)], TODAY)
    assert [lapse.lease_id for lapse in result.lapses] == [1, 2, 3, 4, 5]
    assert result.missing == 8


def test_a_year_and_not_longer():
    exact = forecast(Decimal(13), Decimal(0), [number(1, "1")], TODAY)
    assert exact.until is None
    short = forecast(Decimal(11), Decimal(0), [number(1, "1")], TODAY)
    assert f"{short.until}" == "2028-01-20"


def test_what_is_due_or_unpaid_today_counts_now():
    result = forecast(Decimal(1), Decimal(0), [number(1, "2", status="past_due", started="2027-01-14")], TODAY)
    assert (result.until, result.over, result.missing) == (TODAY, True, Decimal(1))
    paid = forecast(Decimal(3), Decimal(0), [number(1, "2", status="suspended", started="2026-06-14")], TODAY)
    assert (f"{paid.until}", paid.missing) == ("2027-03-14", Decimal(1))


def test_usage_comes_first_and_may_end_it():
    months_only = forecast(Decimal(12), Decimal(0), [number(1, "4")], TODAY)
    assert f"{months_only.until}" == "2027-05-20"
    with_usage = forecast(Decimal(12), Decimal("0.2"), [number(1, "4")], TODAY)
    assert f"{with_usage.until}" == "2027-03-20"
    assert with_usage.missing == 4 - (Decimal(12) - 4 - Decimal("0.2") * 33)
    used_up = forecast(Decimal(10), Decimal("0.2"), [number(1, "4")], TODAY)
    assert (f"{used_up.until}", used_up.usage_ends_it) == ("2027-03-18", True)
    assert lapsed(used_up) == [(1, "2027-03-20")]
    nothing_due = forecast(Decimal(10), Decimal(3), [], TODAY)
    assert (nothing_due.until, nothing_due.usage_ends_it) == (TODAY + timedelta(days=4), True)
    assert forecast(Decimal(-1), Decimal(1), [], TODAY).over


def test_free_numbers_never_lapse():
    assert forecast(Decimal(0), Decimal(0), [number(1, "0")], TODAY).until is None


plans = st.lists(
    st.tuples(
        st.dates(date(2026, 8, 1), TODAY),
        st.decimals(0, 6, places=1),
        st.sampled_from(["active", "active", "active", "past_due", "suspended"]),
    ),
    max_size=7,
)


def day_by_day(credit, usage, leases, days):
    """The same played naively: each day, each lease, in order. First unpaid day and all that is not paid."""
    left, waiting, unpaid = credit, {due.lease_id: due.next_period for due in leases}, []
    for n in range(days + 1):
        day = TODAY + timedelta(days=n)
        for due in leases:
            at_once = n == 0 and due.status == "suspended"
            while due.lease_id in waiting and (at_once or charge_date(due.started_on, waiting[due.lease_id]) <= day):
                if at_once:  # only the month that contains today
                    while charge_date(due.started_on, waiting[due.lease_id] + 1) <= day:
                        waiting[due.lease_id] += 1
                    at_once = False
                if due.price > max(left - usage * n, 0):
                    unpaid.append((due.lease_id, day))
                    del waiting[due.lease_id]
                else:
                    left -= due.price
                    waiting[due.lease_id] += 1
    return unpaid


@given(plans, st.decimals(0, 80, places=1), st.decimals(0, 1, places=1))
@hypothesis_settings(deadline=None, max_examples=60)
def test_agrees_with_each_day_played_naively(rows, credit, usage):
    leases = []
    for n, (started, price, status) in enumerate(rows):
        period = max((TODAY.year - started.year) * 12 + TODAY.month - started.month - 1, 0) + 1
        leases.append(Due(n + 1, status, started, period, price))
    result = forecast(credit, usage, leases, TODAY, lapses=100)
    unpaid = day_by_day(credit, usage, leases, 366)
    assert [(lapse.lease_id, lapse.on) for lapse in result.lapses] == unpaid
    dry = next((TODAY + timedelta(days=n) for n in range(367) if credit - usage * n < 0), None)
    if unpaid:
        assert result.until is not None
        assert result.until <= unpaid[0][1]
    if not rows:
        assert result.until == dry


@pytest.mark.django_db
def test_comes_true_month_after_month():
    project = make_project(credit="31.5")
    leases = [
        buy(project, "2027-01-31", price="3"),
        buy(project, "2027-02-10", price="2.5"),
        buy(project, "2027-02-14", price="1"),
        buy(project, "2027-01-31", price="2"),
    ]
    Lease.objects.filter(pk=leases[3].pk).update(renewal_rank=-5)
    promised = project_forecast(project, at("2027-02-15"))
    day, broken = at("2027-02-15", 0), []
    while len(broken) < len(promised.lapses):
        charge_months(now=day)
        broken += [
            (pk, day.date())
            for pk in Lease.objects.filter(past_due_since=day)
            .order_by("renewal_rank", "id")
            .values_list("pk", flat=True)
        ]
        day += timedelta(days=1)
    assert [(lapse.lease_id, lapse.on) for lapse in promised.lapses] == broken
    assert (promised.until, len(broken)) == (broken[0][1], 4)
    assert balance(project) < 1


@pytest.mark.django_db
def test_reads_credit_usage_and_numbers(django_assert_num_queries):
    now = at("2027-02-15")
    project = make_project(credit="40")
    kept, leaving = buy(project, price="2"), buy(project, price="9")
    release(lease=leaving, at_period_end=True, by=SYSTEM, now=now)
    for day, amount in [("2027-02-14", "12"), ("2027-01-20", "3"), ("2027-01-10", "100")]:
        charge_usage(project, amount, at=at(day))
    with django_assert_num_queries(4):
        found = project_forecast(project, now)
    assert found.daily_usage == Decimal("0.5")
    assert found.balance == Decimal(40) - 115
    assert ([lapse.lease_id for lapse in found.lapses], found.over) == ([kept.pk], True)
