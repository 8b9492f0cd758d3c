"""The forecast by groups says what playing each lease forward says, whatever the leases are."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from billing.money import money
from numbers.leases.billing_dates import charge_date
from numbers.models import Lease
from numbers.renewals import forecast as forecasting
from numbers.renewals import members
from numbers.renewals.allocation import Due
from numbers.renewals.groups import project_renewals
from tests.renewals.lease_by_lease import leased, play_forward
from tests.renewals.plays import forecast
from tests.support.inventory import make_number
from tests.support.projects import make_project

TODAY = date(2027, 2, 15)
NOW = datetime(2027, 2, 15, 12, tzinfo=UTC)
NUMBERS = 12

lease = st.tuples(
    st.dates(date(2026, 7, 1), TODAY) | st.sampled_from([date(2027, 1, 31), date(2027, 1, 20), date(2027, 2, 15)]),
    st.sampled_from(["0", "1", "1", "2", "2.5", "9", "40"]).map(Decimal),
    st.sampled_from(["active", "active", "active", "past_due", "suspended"]),
    st.integers(0, 4),  # months that are paid
    st.integers(-3, 1),  # renewal rank
    st.sampled_from([False, False, False, True]),  # ending
)
leases = st.lists(lease, max_size=NUMBERS)
credit = st.decimals(-5, 150, places=1)
usage = st.sampled_from(["0", "0", "0.1", "0.7", "3"]).map(Decimal)
pages = st.integers(1, 4)  # members read of a day


def dues(rows):
    found = [
        (rank, n, Due(n, status, started, 1 + paid, price, f"+1212555{n:04}"))
        for n, (started, price, status, paid, rank, ending) in enumerate(rows, 1)
        if not ending
    ]
    return [due for _, _, due in sorted(found, key=lambda each: each[:2])]


@given(leases, credit, usage, pages, st.integers(0, 6), st.integers(1, 6))
@hypothesis_settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_groups_say_what_single_leases_say(rows, credit, usage, read, ahead, lapses):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "READ", read)
        patch.setattr(forecasting, "READ", read)
        patch.setattr(forecasting, "AHEAD", ahead)
        found = forecast(credit, usage, dues(rows), TODAY, lapses=lapses)
    assert found == play_forward(credit, usage, dues(rows), TODAY, lapses=lapses)


@pytest.fixture
def held():
    """A project and numbers to lease."""
    return make_project(), [make_number(monthly_price=1, setup_price=0).pk for _ in range(NUMBERS)]


def write(held, rows):
    project, numbers = held
    Lease.objects.filter(project=project).delete()
    Lease.objects.bulk_create(
        Lease(
            number_id=number,
            project=project,
            status=status,
            started_at=datetime.combine(started, datetime.min.time(), UTC),
            setup_price=0,
            monthly_price=price,
            anchor_day=started.day,
            next_charge_on=charge_date(started, 1 + paid),
            next_period=1 + paid,
            renewal_rank=rank,
            release_on=charge_date(started, 1 + paid) if ending else None,
            past_due_since=None if status == "active" else NOW,
            suspends_at=None if status == "active" else NOW,
            releases_at=None if status == "active" else NOW,
        )
        for number, (started, price, status, paid, rank, ending) in zip(numbers, rows, strict=False)
    )
    return project


@pytest.mark.django_db
@given(leases, credit, usage, pages, st.integers(0, 4), st.integers(0, 6))
@hypothesis_settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_groups_and_reads_so(held, rows, credit, usage, read, large, ahead):
    project = write(held, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "READ", read)
        patch.setattr(members, "SORTED", large)
        patch.setattr(forecasting, "READ", read)
        patch.setattr(forecasting, "AHEAD", ahead)
        renewals = project_renewals(project.pk, charges=3)
        used = usage * forecasting.USAGE_DAYS
        found = forecasting.forecast_of(project, renewals.groups, balance=credit, used=used, now=NOW)
    assert found == play_forward(credit, money(usage), leased(project), TODAY)
    live = Lease.objects.filter(project=project)
    assert renewals.active == len(live)
    assert renewals.monthly_cost == sum(lease.monthly_price for lease in live)
    coming = live.exclude(status="suspended").filter(release_on=None).order_by("next_charge_on", "id")
    assert [charge.lease_id for charge in renewals.charges] == [lease.pk for lease in coming[:3]]


@pytest.mark.django_db
def test_few_lapses_on_each_of_many_days_are_read_at_once(held):
    day = date(2027, 1, 16)
    rows = [(day + timedelta(days=n), Decimal(2), "active", 0, 0, False) for n in range(NUMBERS)]
    project = write(held, rows)
    groups = project_renewals(project.pk).groups
    with CaptureQueriesContext(connection) as asked:
        found = forecasting.forecast_of(project, groups, balance=Decimal(5), used=Decimal(0), now=NOW)
    assert [f"{lapse.on:%d.%m.}" for lapse in found.lapses] == ["18.02.", "19.02.", "20.02.", "21.02.", "22.02."]
    assert len(asked) == 1


@pytest.mark.django_db
def test_credit_that_lasts_reads_no_single_lease(held):
    project = write(held, [(TODAY, Decimal(2), "active", 0, 0, False)] * 3)
    groups = project_renewals(project.pk).groups
    with CaptureQueriesContext(connection) as asked:
        found = forecasting.forecast_of(project, groups, balance=Decimal(1000), used=Decimal(0), now=NOW)
    assert (found.until, found.lapses, len(asked)) == (None, (), 0)


@pytest.mark.django_db
def test_leases_that_change_while_they_are_read_end_the_forecast(held):
    project = write(held, [(TODAY, Decimal(2), "active", 0, 0, False)] * 3)
    groups = [replace(group, next_charge_on=TODAY) for group in project_renewals(project.pk).groups]
    found = forecasting.forecast_of(project, groups, balance=Decimal(0), used=Decimal(0), now=NOW)
    assert (found.until, found.missing, found.lapses) == (TODAY, Decimal(6), ())
