"""Beats, top-ups, buyers and movers at the same moment; and the proof that the locks are what keeps them apart."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction

from billing.ledger import integrity
from billing.ledger import services as ledger
from numbers.leases.releasing import cancel_release, release
from numbers.leases.services import rename_lease
from numbers.models import Lease, LeaseCharge, Number
from numbers.orders.services import purchase
from numbers.renewals import charge_batch, project_lock
from numbers.renewals.charging import charge_months, release_ended
from numbers.renewals.dunning import DunningResult, run_dunning
from numbers.renewals.retry import retry_unpaid
from numbers.renewals.services import Move, move
from portal.core.errors import DomainError
from portal.jobs.models import Job
from projects.actor import SYSTEM
from tests.faults.workers import held
from tests.renewals.data import at, balance, buy, months, state
from tests.support.crowd import Beside, at_once, wait_until_it_waits
from tests.support.inventory import make_number
from tests.support.projects import fund, make_project

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.usefixtures("quiet_broker"),
]
DUE = at("2027-02-28")
PROJECT_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('numbers.renewals:' || %s::bigint, 0))"
ROW = "SELECT id FROM numbers_lease WHERE id = %s FOR UPDATE"


def everything_once(leases):
    assert [months(lease) for lease in leases] == [["2027-02-28"]] * len(leases)
    assert integrity.problems() == []


def test_four_beats_charge_each_month_once():
    projects = [make_project(credit="100") for _ in range(8)]
    leases = [buy(project) for project in projects for _ in range(3)] + [buy(projects[0]) for _ in range(20)]
    runs = at_once([partial(charge_months, now=DUE, batch=7)] * 4)
    assert sum(run.months for run in runs) + charge_months(now=DUE).months == len(leases)
    everything_once(leases)
    assert balance(projects[1]) == 94


def test_four_followers_take_each_step_once(settings):
    settings.UNPAID_MAIL_DAYS, settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = [0], 10, 30
    leases = [buy(project) for project in [make_project() for _ in range(4)] for _ in range(3)]
    charge_months(now=DUE)
    for days, kind in ((0, "unpaid_mail"), (10, "suspended_mail"), (30, "unpaid_released_mail")):
        at_once([partial(run_dunning, now=DUE + timedelta(days=days))] * 4)
        run_dunning(now=DUE + timedelta(days=days))  # what all of them left to each other
        assert Job.objects.filter(kind=f"numbers.{kind}").count() == 4
    assert {state(lease)[0] for lease in leases} == {"released"}


def test_beats_and_collectors_and_credit_and_buyers_and_movers():
    project = make_project(credit="8")
    leases = [buy(project) for _ in range(12)]
    offers = [make_number(setup_price=Decimal(0)).e164 for _ in range(4)]
    acts = [partial(charge_months, now=DUE, batch=5) for _ in range(3)]
    acts += [partial(retry_unpaid, project_id=project.pk, now=DUE) for _ in range(3)]
    acts += [partial(fund, project, "4") for _ in range(6)]
    acts += [partial(move, lease=leases[n], to=Move.TOP, by=SYSTEM, now=DUE) for n in (5, 9)]
    acts += [partial(rename_lease, lease=leases[n], name=f"Line {n}", by=SYSTEM, now=DUE) for n in (2, 7)]
    acts += [
        partial(purchase, project=project, e164=e164, by=SYSTEM, purchase_key=None, expected_total=None, now=DUE)
        for e164 in offers
    ]
    results = at_once(acts)
    unexpected = [
        result
        for result in results
        if isinstance(result, Exception)
        and not (isinstance(result, DomainError) and result.code in ("insufficient_credit", "try_again"))
    ]
    assert unexpected == []
    fund(project, "100")
    retry_unpaid(project_id=project.pk, now=DUE)
    bought = Lease.objects.filter(project=project).count() - 12
    assert balance(project) == 8 + 24 + 100 - 2 * 12 - 2 * bought
    everything_once(leases)


def test_a_lease_in_somebodys_hands_holds_back_its_project_only(monkeypatch):
    monkeypatch.setattr(project_lock, "LOCK_TIMEOUT", "100ms")
    poor, other = make_project(credit="2"), make_project(credit="2")
    first, second, theirs = buy(poor), buy(poor), buy(other)
    with held(ROW, first.pk):
        assert charge_months(now=DUE).months == 1
        # not the second one with the first one's money
        assert [months(lease) for lease in (first, second, theirs)] == [[], [], ["2027-02-28"]]
    charge_months(now=DUE)
    assert [state(lease)[0] for lease in (first, second)] == ["active", "past_due"]


def test_a_lease_that_comes_free_meanwhile_is_charged_in_the_same_run():
    project = make_project(credit="2")
    lease = buy(project)
    with transaction.atomic():
        Lease.objects.select_for_update().get(pk=lease.pk)
        run = Beside(partial(charge_months, now=DUE))
        wait_until_it_waits(run)
    assert run.result().months == 1


def test_a_wallet_in_somebodys_hands_is_waited_for_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(project_lock, "LOCK_TIMEOUT", "100ms")
    stuck, other = make_project(credit="10"), make_project(credit="10")
    lease, theirs = buy(stuck), buy(other)
    with held("SELECT id FROM billing_account WHERE project_id = %s AND kind = 'wallet' FOR UPDATE", stuck.pk):
        assert charge_months(now=DUE).months == 1
    assert [months(lease), months(theirs)] == [[], ["2027-02-28"]]
    assert charge_months(now=DUE).months == 1


def test_a_locked_project_is_left_alone(monkeypatch):
    project = make_project(credit="10")
    lease = buy(project)
    with held(PROJECT_LOCK, project.pk):
        assert charge_months(now=DUE).months == 0
        with pytest.raises(DomainError) as busy:
            _patient_move(monkeypatch, lease)
    assert busy.value.code == "try_again"
    assert charge_months(now=DUE).months == 1


@pytest.mark.parametrize(("days", "step"), [(0, "mailed"), (10, "suspended"), (30, "released")])
def test_dunning_leaves_a_locked_project_alone(days, step, settings):
    """Whoever has it may be charging just now what would be suspended."""
    settings.UNPAID_MAIL_DAYS, settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = [0], 10, 30
    project = make_project()
    buy(project)
    charge_months(now=DUE)
    if days:
        run_dunning(now=DUE)
    now = DUE + timedelta(days=days)
    with held(PROJECT_LOCK, project.pk):
        assert run_dunning(now=now) == DunningResult()
    assert getattr(run_dunning(now=now), step) == 1


def test_nor_does_it_wait_for_a_lease_in_somebodys_hands(settings):
    settings.UNPAID_MAIL_DAYS = [0]
    project = make_project()
    leases = [buy(project), buy(project)]
    charge_months(now=DUE)
    with held(ROW, leases[0].pk):
        assert Beside(partial(run_dunning, now=DUE)).result(5).mailed == 1
    assert [Lease.objects.get(pk=lease.pk).reminders_sent for lease in leases] == [0, 1]


def test_a_release_that_is_being_taken_back_does_not_happen():
    """The customer's act is written but not committed when the run comes to the number."""
    lease = to_be_released(buy(make_project(credit="10")))
    with transaction.atomic():
        cancel_release(lease=lease, by=SYSTEM, now=DUE)
        assert Beside(partial(release_ended, now=DUE)).result(5) == 0
    assert (state(lease)[0], release_ended(now=DUE)) == ("active", 0)


def test_nor_one_that_was_taken_back_while_the_run_was_at_another():
    project = make_project(credit="10")
    first, second = to_be_released(buy(project)), to_be_released(buy(project))
    with transaction.atomic():
        Number.objects.select_for_update().get(pk=first.number_id)
        run = Beside(partial(release_ended, now=DUE))
        wait_until_it_waits(run)
        cancel_release(lease=second, by=SYSTEM, now=DUE)
    assert run.result() == 1
    assert [state(lease)[0] for lease in (first, second)] == ["released", "active"]


def to_be_released(lease):
    """On the day on which its month would be due."""
    return release(lease=lease, at_period_end=True, by=SYSTEM, now=at("2027-02-10"))


def test_a_deadlock_is_said_as_a_rules_no():
    """Each has one of the numbers and wants the order of both. PostgreSQL ends one of them, whichever."""
    project = make_project(credit="10")
    first, second = buy(project), buy(project)
    both = Barrier(2)

    def have_and_move(lease):
        with transaction.atomic():
            Lease.objects.select_for_update().get(pk=lease.pk)
            both.wait(20)
            return move(lease=first, to=Move.BOTTOM, by=SYSTEM, now=DUE)

    results = at_once([partial(have_and_move, first), partial(have_and_move, second)])
    assert {getattr(result, "code", result) for result in results} == {2, "try_again"}


def _patient_move(monkeypatch, lease):
    wait = project_lock.wait_for_lock
    monkeypatch.setattr(project_lock, "wait_for_lock", lambda project_id, timeout: wait(project_id, timeout="50ms"))
    move(lease=lease, to=Move.BOTTOM, by=SYSTEM, now=DUE)


def test_a_move_waits_for_a_lease_no_longer_than_a_person_would(monkeypatch):
    project = make_project(credit="10")
    first, _ = buy(project), buy(project)
    with held(ROW, first.pk), pytest.raises(DomainError) as busy:
        _patient_move(monkeypatch, first)
    assert busy.value.code == "try_again"


def test_without_the_locks_two_beats_do_collide(monkeypatch):
    """The negative control: both decide on the same month, and only the key of the charge stops the second one."""
    project = make_project(credit="10")
    lease = buy(project)
    both, decide = Barrier(2), charge_batch.allocate

    def together(*given):
        both.wait(20)
        return decide(*given)

    monkeypatch.setattr(charge_batch, "allocate", together)
    monkeypatch.setattr(charge_batch, "LOCK", charge_batch.LOCK.replace("FOR NO KEY UPDATE OF l", ""))
    monkeypatch.setattr(ledger, "WALLETS", ledger.WALLETS.replace("FOR NO KEY UPDATE OF w", ""))
    results = at_once([partial(charge_batch.charge_batch, [project.pk], now=DUE, wait=True)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["BatchResult", "IntegrityError"]
    assert LeaseCharge.objects.filter(lease=lease, period=1).count() == 1
    assert balance(project) == 8
