"""The monthly run in parts: releases instead of charges, batches, and what is left for the next run."""

import pytest

from billing.ledger import integrity
from numbers.leases.releasing import release
from numbers.models import LeaseCharge
from numbers.renewals import charging, tasks
from numbers.renewals.charging import charge_months
from portal.celery import app
from projects.actor import SYSTEM
from tests.renewals.data import at, balance, booked, buy, months, state
from tests.support.projects import fund, make_project

pytestmark = pytest.mark.django_db


# -- release instead of charge --------------------------------------------------------------------------------------


def test_number_to_be_released_is_released_and_not_charged():
    project = make_project(credit="10")
    lease = buy(project)
    release(lease=lease, at_period_end=True, by=SYSTEM, now=at("2027-02-10"))
    assert charge_months(now=at("2027-02-27")).released == 0
    run = charge_months(now=at("2027-03-31"))  # late, and still not charged
    assert (run.released, run.months) == (1, 0)
    lease.refresh_from_db()
    assert (lease.status, lease.release_cause, lease.ended_at) == ("released", "customer", at("2027-03-31"))
    assert (lease.number.status, balance(project)) == ("quarantined", 10)


def test_one_release_that_fails_stops_nobody(monkeypatch, caplog):
    project = make_project(credit="10")
    bad, good, paid = buy(project), buy(project), buy(project)
    for lease in (bad, good):
        release(lease=lease, at_period_end=True, by=SYSTEM, now=at("2027-02-10"))
    bad.number.status = "held"
    bad.number.save()
    run = charge_months(now=at("2027-02-28"))
    assert (run.released, run.months) == (1, 1)
    assert state(bad)[0] == "active"
    assert months(bad) == []
    assert months(paid) == ["2027-02-28"]
    assert "renewals.release_failed" in caplog.text
    bad.number.status = "leased"
    bad.number.save()


# -- many, in parts --------------------------------------------------------------------------------------------------


def test_a_large_project_is_charged_in_parts_and_in_order():
    project = make_project(credit="14")
    leases = [buy(project) for _ in range(10)]
    run = charge_months(now=at("2027-02-28"), batch=3)
    assert (run.months, run.unpaid) == (7, 3)
    assert [state(lease)[0] for lease in leases] == ["active"] * 7 + ["past_due"] * 3


def test_money_that_comes_between_two_parts_goes_to_the_front(monkeypatch):
    project = make_project(credit="2")
    dear = buy(project, price="3")
    cheap = [buy(project, price="1") for _ in range(4)]
    parts = charging.charge_in_parts(project.pk, now=at("2027-02-28"), size=2, wait=False)
    assert (next(parts).unpaid, balance(project)) == (1, 1)
    fund(project, "3")
    for _ in parts:
        pass
    assert state(dear)[0] == "active"
    assert [state(lease)[0] for lease in cheap] == ["active"] * 2 + ["past_due"] * 2


def test_many_projects_in_one_transaction(django_assert_max_num_queries):
    projects = [make_project(credit="10") for _ in range(6)]
    leases = [buy(project) for project in projects]
    with django_assert_max_num_queries(14):
        charge_months(now=at("2027-02-28"))
    assert all(months(lease) == ["2027-02-28"] for lease in leases)


def test_batches_hold_what_fits(monkeypatch):
    assert list(charging.batches_of([(1, 2), (2, 2), (3, 9), (4, 1), (5, 3)], 4)) == [
        ([3], True),
        ([1, 2], False),
        ([4, 5], False),
    ]
    monkeypatch.setattr(charging, "PROJECTS_PER_BATCH", 2)
    assert list(charging.batches_of([(1, 1), (2, 1), (3, 1)], 4)) == [([1, 2], False), ([3], False)]


def test_a_fault_in_one_project_stops_no_other(caplog):
    good, bad = make_project(credit="10"), make_project(credit="10")
    fine, broken = buy(good), buy(bad)
    lie = LeaseCharge.objects.create(lease=broken, period=1, starts_on="2027-02-28", amount=0)
    run = charge_months(now=at("2027-02-28"))
    assert months(fine) == ["2027-02-28"]
    assert booked(broken) == []
    assert (run.failed, balance(bad)) == (1, 10)
    assert "renewals.project_failed" in caplog.text
    assert any(f"lease {broken.pk} says that period 1 is next" in problem for problem in integrity.problems())
    lie.delete()


def test_time_that_is_up_leaves_the_rest_to_the_next_run():
    project = make_project(credit="100")
    leases = [buy(project) for _ in range(5)]
    assert charge_months(now=at("2027-02-28"), batch=2, seconds=0).unfinished
    assert not any(months(lease) for lease in leases)
    assert charge_months(now=at("2027-02-28"), batch=2).months == 5


def test_the_task_leaves_its_worker_to_others_and_queues_itself_again(monkeypatch):
    """Until nothing is due: handing over and payments wait for the same workers."""
    project = make_project(credit="100")
    lease, sent = buy(project), []
    monkeypatch.setattr(app, "send_task", lambda name, args, **options: sent.append((name, options["queue"])))
    monkeypatch.setattr(tasks.timezone, "now", lambda: at("2027-02-28"))
    with monkeypatch.context() as hurry:
        hurry.setattr(charging.charge_months, "__kwdefaults__", {"batch": None, "seconds": 0})
        tasks.charge_months()
    assert sent == [("numbers.charge_months", app.conf.task_default_queue)]
    assert not months(lease)
    tasks.charge_months()
    assert months(lease) == ["2027-02-28"]
    assert len(sent) == 1


def test_an_unpaid_number_is_not_tried_again_without_money(django_assert_max_num_queries):
    project = make_project()
    buy(project)
    charge_months(now=at("2027-02-28"))
    with django_assert_max_num_queries(3):  # what was to be released, and what there is to do
        assert charge_months(now=at("2027-02-28", 13)).months == 0


def test_money_that_nobody_announced_is_found_by_the_next_run():
    project = make_project()
    lease = buy(project)
    charge_months(now=at("2027-02-28"))
    fund(project, "2")  # its job is never run here
    run = charge_months(now=at("2027-02-28", 13))
    assert (run.months, run.restored) == (1, 1)
    assert state(lease) == ("active", "2027-03-31")
