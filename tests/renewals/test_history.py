"""A random history of buying, paying and waiting, beside a model that is too simple to be wrong."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.ledger import integrity
from numbers.models import Lease
from numbers.renewals.charging import charge_months
from numbers.renewals.dunning import run_dunning
from numbers.renewals.retry import retry_unpaid
from tests.renewals.data import balance, buy
from tests.support.projects import fund, make_project

START = datetime(2027, 1, 28, 6, tzinfo=UTC)
SUSPEND, RELEASE = 10, 30


def months_after(start, count):
    """By counting days: the same day of a later month, or the last one that the month has."""
    day, left = date(start.year, start.month, 1), count
    while left:
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        left -= 1
    while day.day < start.day and (day + timedelta(days=1)).month == day.month:
        day += timedelta(days=1)
    return day


@dataclass
class Rented:
    began: date
    price: Decimal
    status: str = "active"
    period: int = 1
    paid: list = field(default_factory=list)
    since: datetime | None = None

    @property
    def due_on(self):
        return months_after(self.began, self.period)


@dataclass
class Model:
    credit: Decimal = Decimal(0)
    rented: list = field(default_factory=list)

    def charge(self, now):
        for each in self.rented:
            if each.status == "suspended":
                while months_after(each.began, each.period + 1) <= now.date():
                    each.period += 1
                if each.price <= max(self.credit, 0):
                    self._pay(each)
            while each.status in ("active", "past_due") and each.due_on <= now.date():
                if each.price > max(self.credit, 0):
                    if each.status == "active":
                        each.status, each.since = "past_due", now
                    break
                self._pay(each)
            if each.status in ("past_due", "suspended") and each.due_on > now.date():
                each.status, each.since = "active", None

    def _pay(self, each):
        self.credit -= each.price
        each.paid.append(each.due_on)
        each.period += 1

    def follow(self, now):
        for each in self.rented:
            waited = now - each.since if each.since else timedelta(0)
            if each.status in ("past_due", "suspended") and waited >= timedelta(days=RELEASE):
                each.status = "released"
            elif each.status == "past_due" and waited >= timedelta(days=SUSPEND):
                each.status = "suspended"


prices = st.sampled_from([Decimal(each) for each in ("0", "0.5", "1", "1.25", "3")])
steps = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 20)),
    st.tuples(st.just("wait"), st.integers(20, 70)),
    st.tuples(st.just("buy"), prices),
    st.tuples(st.just("fund"), st.sampled_from([Decimal(each) for each in ("0.5", "1", "2.75", "6")])),
)


@pytest.mark.slow
@pytest.mark.django_db
@given(st.lists(prices, min_size=1, max_size=3), st.lists(steps, max_size=14))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_ends_as_the_model_says(owner, settings, first, history):
    settings.UNPAID_MAIL_DAYS, settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = [0], SUSPEND, RELEASE
    with transaction.atomic():
        _live(owner, first, history)
        transaction.set_rollback(True)


def _live(owner, first, history):
    project, model, leases, now = make_project(owner), Model(), [], START
    for what, value in [("buy", price) for price in first] + history:
        if what == "buy":
            leases.append(buy(project, now, price=value))
            model.rented.append(Rented(now.date(), value))
        elif what == "fund":
            fund(project, value)
            model.credit += value
            retry_unpaid(project_id=project.pk, now=now)
        else:
            now += timedelta(days=value)
            charge_months(now=now)
            run_dunning(now=now)
        if what != "buy":
            model.charge(now)
        if what == "wait":
            model.follow(now)
        _compare(project, model, leases)
    assert integrity.problems() == []


def _compare(project, model, leases):
    assert balance(project) == model.credit
    for lease, each in zip(leases, model.rented, strict=True):
        row = Lease.objects.get(pk=lease.pk)
        assert row.status == each.status
        assert row.past_due_since == each.since or row.status == "released"
        if row.status in ("active", "past_due"):
            assert (row.next_charge_on, row.next_period) == (each.due_on, each.period)
        charged = row.charges.filter(period__gt=0).order_by("period")
        assert list(charged.values_list("starts_on", flat=True)) == each.paid
