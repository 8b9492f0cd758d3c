"""Charges fall on min(anchor day, last day of the month), counted from the purchase, never chained."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbers.leases.billing_dates import charge_date


def dates(started: date, count: int) -> list[str]:
    return [charge_date(started, period).isoformat() for period in range(count)]


def test_the_28th_stays_the_28th():
    assert dates(date(2027, 1, 28), 4) == ["2027-01-28", "2027-02-28", "2027-03-28", "2027-04-28"]


def test_the_29th_in_a_common_and_in_a_leap_year():
    assert dates(date(2027, 1, 29), 3) == ["2027-01-29", "2027-02-28", "2027-03-29"]
    assert dates(date(2028, 1, 29), 3) == ["2028-01-29", "2028-02-29", "2028-03-29"]


def test_the_30th_comes_back_after_february():
    assert dates(date(2026, 12, 30), 4) == ["2026-12-30", "2027-01-30", "2027-02-28", "2027-03-30"]


def test_the_31st_follows_the_length_of_each_month():
    assert dates(date(2027, 1, 31), 6) == [
        "2027-01-31",
        "2027-02-28",
        "2027-03-31",
        "2027-04-30",
        "2027-05-31",
        "2027-06-30",
    ]


def test_leap_day_keeps_its_anniversary():
    assert charge_date(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert charge_date(date(2028, 2, 29), 48) == date(2032, 2, 29)


def test_a_century_is_no_leap_year():
    assert charge_date(date(2099, 12, 31), 2) == date(2100, 2, 28)


def test_a_negative_period_is_refused():
    with pytest.raises(ValueError):
        charge_date(date(2027, 1, 1), -1)


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)), st.integers(0, 600))
def test_one_charge_in_each_calendar_month(started, period):
    this, following = charge_date(started, period), charge_date(started, period + 1)
    assert (following.year * 12 + following.month) - (this.year * 12 + this.month) == 1
    assert this.day <= started.day
