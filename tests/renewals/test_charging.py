"""The monthly run: which months are charged, when, in which order, and what becomes of the rest."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.ledger.models import Account, Transfer
from numbers.models import Lease, LeaseCharge
from numbers.renewals.charging import charge_months
from projects.models import AuditEntry, Project
from tests.renewals.data import at, balance, booked, buy, months, state
from tests.support.inventory import make_number
from tests.support.projects import charge_usage, make_project

pytestmark = pytest.mark.django_db


# -- the day ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bought", "expected"),
    [
        ("2027-01-28", ["2027-02-28", "2027-03-28", "2027-04-28"]),
        ("2027-01-29", ["2027-02-28", "2027-03-29", "2027-04-29"]),
        ("2028-01-29", ["2028-02-29", "2028-03-29", "2028-04-29"]),
        ("2026-12-30", ["2027-01-30", "2027-02-28", "2027-03-30"]),
        ("2027-01-31", ["2027-02-28", "2027-03-31", "2027-04-30"]),
        ("2027-10-31", ["2027-11-30", "2027-12-31", "2028-01-31"]),
    ],
)
def test_each_month_is_charged_on_its_day_and_not_a_day_before(bought, expected):
    project = make_project(credit="100")
    lease = buy(project, bought)
    for day in expected:
        assert charge_months(now=at(day) - timedelta(days=1)).months == 0
        assert charge_months(now=at(day)).months == 1
    assert months(lease) == expected
    assert booked(lease) == [Decimal(2)] * 3
    assert balance(project) == 94


def test_leap_day_anniversaries():
    project = make_project(credit="200")
    lease = buy(project, "2028-02-29", price="1")
    charge_months(now=at("2032-02-29"))
    paid = months(lease)
    assert len(paid) == 48
    assert (paid[11], paid[47]) == ("2029-02-28", "2032-02-29")


def test_the_day_is_utc():
    project = make_project(credit="10")
    lease = buy(project, datetime(2027, 1, 31, 23, 59, tzinfo=UTC))
    charge_months(now=datetime(2027, 2, 27, 23, 59, 59, tzinfo=UTC))
    assert months(lease) == []
    west = datetime.fromisoformat("2027-02-27T20:00:00-04:00")  # midnight of the 28th in UTC
    charge_months(now=west)
    assert months(lease) == ["2027-02-28"]


def test_what_a_charge_writes():
    project = make_project(credit="10")
    lease = buy(project, "2027-01-31", price="2.345678")
    now = at("2027-02-28")
    charge_months(now=now)
    transfer = Transfer.objects.get(key=f"monthly:{lease.pk}:1")
    assert (transfer.kind, transfer.amount, transfer.occurred_at) == ("number_monthly", Decimal("2.345678"), now)
    assert (transfer.debit.kind, transfer.credit.kind) == ("wallet", "revenue_monthly")
    assert (transfer.cause_kind, transfer.cause_id) == ("lease", lease.pk)
    assert transfer.memo == f"Month of {lease.number.e164} from 28 Feb 2027"
    charge = LeaseCharge.objects.get(lease=lease, period=1)
    assert (charge.amount, charge.charged_at) == (Decimal("2.345678"), now)
    lease.refresh_from_db()
    assert (lease.next_period, f"{lease.next_charge_on}", lease.status) == (2, "2027-03-31", "active")
    assert balance(project) == Decimal("10") - Decimal("2.345678")


def test_twice_is_once():
    project = make_project(credit="10")
    lease = buy(project, "2027-01-31")
    for _ in range(3):
        charge_months(now=at("2027-02-28"))
    assert months(lease) == ["2027-02-28"]
    assert balance(project) == 8


# -- what was missed ----------------------------------------------------------------------------------------------


def test_three_days_without_beat_charge_each_month_once():
    project = make_project(credit="10")
    leases = [buy(project, f"2027-01-{day}") for day in (10, 11, 12)]
    charge_months(now=at("2027-02-13"))
    assert [months(lease) for lease in leases] == [["2027-02-10"], ["2027-02-11"], ["2027-02-12"]]
    assert balance(project) == 4


def test_each_missed_month_is_charged_once_oldest_first():
    project = make_project(credit="100")
    lease = buy(project, "2027-01-31")
    charge_months(now=at("2027-05-15"))
    assert months(lease) == ["2027-02-28", "2027-03-31", "2027-04-30"]
    assert state(lease) == ("active", "2027-05-31")


def test_of_missed_months_what_the_money_reaches():
    project = make_project(credit="5")
    lease = buy(project, "2027-01-31")
    charge_months(now=at("2027-05-15"))
    assert months(lease) == ["2027-02-28", "2027-03-31"]
    assert state(lease) == ("past_due", "2027-04-30")
    assert balance(project) == 1


# -- when the money does not reach --------------------------------------------------------------------------------


def test_exact_balance_pays_and_a_millionth_less_does_not():
    exact, short = make_project(credit="2.000001"), make_project(credit="2.000000")
    first, second = buy(exact, price="2.000001"), buy(short, price="2.000001")
    charge_months(now=at("2027-02-28"))
    assert (state(first)[0], balance(exact)) == ("active", 0)
    assert (state(second)[0], balance(short)) == ("past_due", 2)


def test_customers_order_decides_and_cheaper_ones_still_get_their_turn():
    project = make_project(credit="6")
    dear, cheap, last, first = (buy(project, price=price) for price in ("5", "1", "1", "4"))
    Lease.objects.filter(pk=first.pk).update(renewal_rank=-1)
    charge_months(now=at("2027-02-28"))
    assert [state(lease)[0] for lease in (first, dear, cheap, last)] == ["active", "past_due", "active", "active"]
    assert balance(project) == 0


def test_equal_ranks_are_renewed_oldest_first():
    project = make_project(credit="2")
    older, newer = buy(project), buy(project)
    charge_months(now=at("2027-02-28"))
    assert [state(lease)[0] for lease in (older, newer)] == ["active", "past_due"]


def test_first_failure_fixes_the_days(settings):
    settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = 10, 30
    project = make_project()
    lease = buy(project)
    now = at("2027-02-28", 3)
    charge_months(now=now)
    lease.refresh_from_db()
    assert (lease.status, lease.past_due_since, lease.reminders_sent) == ("past_due", now, 0)
    assert (lease.suspends_at, lease.releases_at) == (now + timedelta(days=10), now + timedelta(days=30))
    settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = 1, 2
    charge_months(now=now + timedelta(days=1))
    lease.refresh_from_db()
    assert (lease.past_due_since, lease.releases_at) == (now, now + timedelta(days=30))
    assert AuditEntry.objects.filter(action="number.past_due").count() == 1


def test_free_number_is_never_unpaid():
    project = make_project()
    lease = buy(project, price="0")
    charge_months(now=at("2027-04-15"))
    assert months(lease) == ["2027-02-28", "2027-03-31"]
    assert booked(lease) == []
    assert state(lease) == ("active", "2027-04-30")


def test_overdrawn_wallet_pays_nothing_but_what_is_free():
    project = make_project()
    free, paid = buy(project, price="0"), buy(project)
    charge_usage(project, "3", at=at("2027-02-01"))
    charge_months(now=at("2027-02-28"))
    assert (state(free)[0], state(paid)[0], balance(project)) == ("active", "past_due", -3)


def test_project_without_accounts():
    project = make_project()
    now = at("2027-01-31")
    lease = Lease.objects.create(
        number=make_number(status="leased"),
        project=project,
        started_at=now,
        setup_price=0,
        monthly_price=2,
        anchor_day=31,
        next_charge_on="2027-02-28",
    )
    LeaseCharge.objects.create(lease=lease, period=0, starts_on="2027-01-31", amount=0)
    charge_months(now=at("2027-02-28"))
    assert state(lease)[0] == "past_due"
    assert Account.objects.filter(project=project, kind="wallet").exists()


def test_archived_project_pays_for_what_it_holds():
    project = make_project(credit="10")
    lease = buy(project)
    Project.objects.filter(pk=project.pk).update(status="archived")
    charge_months(now=at("2027-02-28"))
    assert months(lease) == ["2027-02-28"]


def test_price_is_that_of_the_lease():
    project = make_project(credit="10")
    lease = buy(project)
    lease.number.monthly_price = Decimal(9)
    lease.number.save()
    charge_months(now=at("2027-02-28"))
    assert booked(lease) == [Decimal(2)]
