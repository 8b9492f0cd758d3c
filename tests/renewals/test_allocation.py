"""The decision without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbers.leases.billing_dates import charge_date
from numbers.renewals.allocation import Due, allocate, owed, period_on

days = st.dates(date(2024, 1, 1), date(2031, 12, 31))


@given(days, st.integers(0, 3000))
def test_a_day_lies_in_one_period(started, later):
    day = started + timedelta(days=later)
    period = period_on(started, day)
    assert charge_date(started, period) <= day < charge_date(started, period + 1)


def test_before_the_beginning_there_is_no_period():
    assert period_on(date(2027, 3, 15), date(2027, 3, 14)) < 0
    assert period_on(date(2027, 3, 15), date(2026, 3, 20)) < 0


@pytest.mark.parametrize(("status", "expected"), [("active", [1, 2, 3]), ("past_due", [1, 2, 3]), ("suspended", [3])])
def test_what_is_owed(status, expected):
    due = Due(1, status, date(2027, 1, 31), 1, Decimal(2))
    assert list(owed(due, date(2027, 5, 1))) == expected


def test_a_clock_set_back_owes_nothing_and_gives_nothing():
    started = date(2027, 1, 31)
    assert not owed(Due(1, "active", started, 4, Decimal(2)), date(2027, 3, 1))
    assert list(owed(Due(1, "suspended", started, 4, Decimal(2)), date(2027, 3, 1))) == [4]


dues = st.lists(
    st.builds(
        Due,
        st.integers(1, 10**6),
        st.sampled_from(["active", "past_due", "suspended"]),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.integers(1, 6),
        st.decimals(0, 9, places=2),
    ),
    max_size=12,
)


@given(dues, st.decimals(-5, 60, places=2))
def test_the_money_is_neither_overspent_nor_left_where_it_reaches(dues, balance):
    today = date(2027, 1, 1)
    allocations, left = allocate(balance, dues, today)
    assert balance - left == sum(allocation.cost for allocation in allocations)
    assert left >= min(balance, 0)
    for allocation in allocations:
        periods = list(owed(allocation.due, today))
        paid = [period for period, _ in allocation.paid]
        assert paid == periods[: len(paid)]
        assert allocation.short == (len(paid) < len(periods))
        if allocation.short:
            assert allocation.due.price > max(left, 0)


@given(dues, st.decimals(0, 60, places=2), st.decimals(0, 20, places=2))
def test_who_comes_first_never_loses_by_more_money(dues, balance, more):
    """With more credit the first that was not paid is paid, or waits at no earlier place than before."""
    today = date(2027, 1, 1)

    def first_short(credit):
        allocations, _ = allocate(credit, dues, today)
        return next((n for n, allocation in enumerate(allocations) if allocation.short), len(dues))

    assert first_short(balance + more) >= first_short(balance)
