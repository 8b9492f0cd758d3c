"""A top-up charges what is unpaid, in the customer's order, and the numbers work again."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.ledger import services as ledger
from numbers.models import Lease
from numbers.renewals.charging import charge_months
from numbers.renewals.dunning import run_dunning
from numbers.renewals.retry import RETRY, retry_unpaid
from portal.jobs import outbox
from portal.jobs.models import Job
from projects.models import AuditEntry
from tests.renewals.data import at, balance, booked, buy, months, state
from tests.support.projects import fund, make_project

pytestmark = pytest.mark.django_db
DUE = at("2027-02-28")


@pytest.fixture(autouse=True)
def _days(settings):
    settings.UNPAID_MAIL_DAYS, settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = [0], 10, 90


def beat(now):
    charge_months(now=now)
    run_dunning(now=now)


def jobs():
    return Job.objects.filter(kind=RETRY)


def top_up(project, amount, time_machine, now):
    """Credit and the work that it causes, at one moment."""
    time_machine.move_to(now, tick=False)
    fund(project, amount)
    outbox.run_due_jobs()


def test_a_past_due_number_pays_all_it_missed(time_machine):
    project = make_project()
    lease = buy(project, "2027-01-31")
    charge_months(now=at("2027-03-31"))
    top_up(project, "10", time_machine, at("2027-04-01"))
    assert months(lease) == ["2027-02-28", "2027-03-31"]
    assert state(lease) == ("active", "2027-04-30")
    assert balance(project) == 6


def test_a_suspended_number_pays_only_the_current_month(time_machine):
    project = make_project()
    lease = buy(project, "2027-01-31")
    beat(DUE)
    beat(at("2027-03-11"))
    assert state(lease)[0] == "suspended"
    top_up(project, "10", time_machine, at("2027-05-02"))
    assert months(lease) == ["2027-04-30"]
    assert state(lease) == ("active", "2027-05-31")
    assert list(lease.charges.order_by("period").values_list("period", flat=True)) == [0, 3]
    assert balance(project) == 8


def test_suspended_within_the_unpaid_month_pays_that_month(time_machine):
    project = make_project()
    lease = buy(project, "2027-01-31")
    beat(DUE)
    beat(DUE + timedelta(days=10))
    top_up(project, "2", time_machine, at("2027-03-30"))
    assert months(lease) == ["2027-02-28"]
    assert state(lease) == ("active", "2027-03-31")


def test_restored_clears_what_was_announced_and_tells(time_machine, mailoutbox):
    project = make_project()
    leases = [buy(project), buy(project)]
    beat(DUE)
    outbox.run_due_jobs()
    mailoutbox.clear()
    top_up(project, "10", time_machine, at("2027-03-05"))
    for lease in leases:
        lease.refresh_from_db()
        assert (lease.status, lease.reminders_sent) == ("active", 0)
        assert (lease.past_due_since, lease.suspends_at, lease.releases_at) == (None, None, None)
    assert AuditEntry.objects.filter(project=project, action="number.restored").count() == 2
    (mail,) = mailoutbox
    assert mail.subject == "2 numbers are renewed and active"
    for text in (mail.body, mail.alternatives[0].content):
        assert "4.00 USD" in text
        assert "31 March 2027" in text


def test_customers_order_and_what_the_money_reaches(time_machine):
    project = make_project()
    prices = {"dear": "5", "middle": "3", "cheap": "1", "first": "2"}
    leases = {name: buy(project, price=price) for name, price in prices.items()}
    Lease.objects.filter(pk=leases["first"].pk).update(renewal_rank=-1)
    beat(DUE)
    top_up(project, "6", time_machine, DUE + timedelta(days=1))
    assert {name: state(lease)[0] for name, lease in leases.items()} == {
        "first": "active",
        "dear": "past_due",
        "middle": "active",
        "cheap": "active",
    }
    assert balance(project) == 0


def test_past_due_and_suspended_stand_in_one_order(time_machine):
    project = make_project()
    suspended = buy(project, "2027-01-10", price="2")
    late = buy(project, "2027-01-31", price="2")
    beat(at("2027-02-10"))
    beat(at("2027-02-20"))
    beat(DUE)
    assert [state(lease)[0] for lease in (suspended, late)] == ["suspended", "past_due"]
    Lease.objects.filter(pk=late.pk).update(renewal_rank=-1)
    top_up(project, "2", time_machine, at("2027-03-01"))
    assert [state(lease)[0] for lease in (suspended, late)] == ["suspended", "active"]


def test_too_little_restores_nothing_and_keeps_the_money(time_machine):
    project = make_project()
    lease = buy(project)
    beat(DUE)
    before = Lease.objects.get(pk=lease.pk)
    top_up(project, "1.999999", time_machine, DUE + timedelta(days=1))
    after = Lease.objects.get(pk=lease.pk)
    assert (after.status, balance(project)) == ("past_due", Decimal("1.999999"))
    assert (after.suspends_at, after.releases_at) == (before.suspends_at, before.releases_at)
    assert not Job.objects.filter(kind="numbers.restored_mail").exists()


def test_who_pays_one_of_two_missed_months_is_still_past_due(time_machine):
    project = make_project()
    lease = buy(project, "2027-01-31")
    charge_months(now=at("2027-03-31"))
    top_up(project, "2", time_machine, at("2027-04-01"))
    assert (months(lease), balance(project)) == (["2027-02-28"], 0)
    assert state(lease) == ("past_due", "2027-03-31")
    assert not Job.objects.filter(kind="numbers.restored_mail").exists()


def test_each_top_up_is_looked_at(time_machine):
    project = make_project()
    lease = buy(project)
    beat(DUE)
    for day in range(1, 5):
        top_up(project, "0.5", time_machine, DUE + timedelta(days=day))
    assert state(lease)[0] == "active"
    assert jobs().count() == 4


def test_no_job_where_nothing_is_unpaid():
    project = make_project()
    buy(project)
    fund(project, "5")
    assert not jobs().exists()


def test_released_hold_counts_as_credit(time_machine):
    project = make_project(credit="2")
    lease = buy(project)
    hold = {"project_id": project.pk, "amount": Decimal(2), "occurred_at": DUE, "memo": "", "cause": ("order", 0)}
    ledger.hold(key="hold:test", **hold)
    beat(DUE)
    assert state(lease)[0] == "past_due"
    time_machine.move_to(DUE, tick=False)
    ledger.release(key="release:test", **hold)
    outbox.run_due_jobs()
    assert state(lease)[0] == "active"


def test_a_transfer_that_was_booked_before_brings_no_money():
    project = make_project(credit="2")
    buy(project)
    hold = {"project_id": project.pk, "amount": Decimal(2), "occurred_at": DUE, "memo": "", "cause": ("order", 0)}
    ledger.hold(key="hold:test", **hold)
    beat(DUE)
    assert [ledger.release(key="release:test", **hold) for _ in range(2)] == [True, False]
    assert jobs().count() == 1


def test_a_retry_twice_charges_once():
    project = make_project()
    lease = buy(project)
    beat(DUE)
    fund(project, "10")
    assert [retry_unpaid(project_id=project.pk, now=DUE).months for _ in range(3)] == [1, 0, 0]
    assert booked(lease) == [Decimal(2)]


def test_a_released_number_is_not_charged(settings, time_machine):
    settings.RELEASE_AFTER_DAYS = 20
    project = make_project()
    lease = buy(project)
    for days in (0, 10, 20):
        beat(DUE + timedelta(days=days))
    top_up(project, "10", time_machine, DUE + timedelta(days=21))
    assert (state(lease)[0], balance(project)) == ("released", 10)


def test_a_due_month_that_was_not_tried_yet_keeps_its_place(time_machine):
    """The job comes before the run of the day: what is due today stands in the same order."""
    project = make_project()
    unpaid = buy(project, "2027-01-30", price="2")
    beat(DUE)
    due = buy(project, "2027-02-01", price="2")
    Lease.objects.filter(pk=due.pk).update(renewal_rank=-1)
    top_up(project, "2", time_machine, at("2027-03-01", 0))
    assert [state(lease)[0] for lease in (unpaid, due)] == ["past_due", "active"]
    assert months(due) == ["2027-03-01"]
