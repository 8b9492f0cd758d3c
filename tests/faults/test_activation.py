"""The activation of an approved order while something dies: workers, database connections, and many at once."""

from collections import Counter
from dataclasses import dataclass
from functools import partial
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from numbers.compliance import approval
from numbers.models import Lease
from numbers.orders import activation
from portal.celery import app
from portal.core.errors import DomainError
from portal.jobs import outbox
from portal.jobs.models import Job
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.faults.orders import approve_for_later, assert_activated_once, is_active, nothing_waits, reviewed
from tests.faults.workers import (
    PATIENCE,
    held,
    kill,
    make_due,
    running_worker,
    sweep,
    swept_until,
    until,
    waiting_for,
    worker_env,
)
from tests.support.crowd import at_once
from tests.support.projects import make_project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.slow]

ACCOUNT = "SELECT id FROM billing_account WHERE project_id = %s AND kind = '{}' FOR UPDATE"
SAME_KEY = """
INSERT INTO jobs_job (kind, payload, key, state, attempts, max_attempts, run_at, last_error, request_id, created_at)
VALUES ('test', '{}', 'numbers.number_active_mail:' || %s, 'done', 0, 1, now(), '', '', now())
"""


@dataclass(frozen=True)
class Step:
    """Where the activation can be stopped: ``lock`` is what the worker needs next, ``waits_in`` its statement then."""

    name: str
    lock: str
    of: str | None  # whose id the lock's statement takes
    waits_in: str

    def stop(self, order):
        ids = {"order": order.pk, "number": order.number_id, "project": order.project_id}
        return held(self.lock, *([ids[self.of]] if self.of else []))


# In the order of the work. Foreign keys are checked at the commit, so a locked project stops the worker there.
STEPS = [
    Step("the order is read", "SELECT id FROM numbers_order WHERE id = %s FOR UPDATE", "order", "numbers_order"),
    Step("the number is read", "SELECT id FROM numbers_number WHERE id = %s FOR UPDATE", "number", "numbers_number"),
    Step("the lease is made", "LOCK TABLE numbers_lease IN SHARE MODE", None, 'INSERT INTO "numbers_lease"'),
    Step("its first period", "LOCK TABLE numbers_leasecharge IN SHARE MODE", None, 'INSERT INTO "numbers_leasecharge"'),
    Step("the trail", "LOCK TABLE projects_auditentry IN SHARE MODE", None, 'INSERT INTO "projects_auditentry"'),
    Step("the mail is queued", SAME_KEY, "order", 'INSERT INTO "jobs_job"'),
    Step("the wallet is locked", ACCOUNT.format("wallet"), "project", "billing_account"),
    Step("setup is captured", ACCOUNT.format("revenue_setup"), "project", "INSERT INTO billing_transfer"),
    Step("the month is captured", ACCOUNT.format("revenue_monthly"), "project", "INSERT INTO billing_transfer"),
    Step("the commit", "SELECT id FROM projects_project WHERE id = %s FOR UPDATE", "project", "COMMIT"),
]


@pytest.fixture
def project(settings):
    settings.EMAIL_BACKEND = "portal.jobs.mail.OutboxEmailBackend"  # rows to count, in this process too
    app.control.purge()
    return make_project(credit="1000")


@pytest.fixture
def log(tmp_path):
    return tmp_path / "worker.log"


def work(until_true, what):
    make_due()
    swept_until(until_true, what)


def stop_worker_at(step, order, lock):
    """Lets the worker run into the lock; the process id of its database session."""
    make_due()
    pid, statement = swept_until(lambda: waiting_for(lock), f"the worker to stop where {step.name}")
    assert step.waits_in in statement
    assert not is_active(order)
    return pid


def attempts(orders):
    jobs = dict(Job.objects.filter(kind=approval.KIND).values_list("payload__order", "attempts"))
    return [jobs[order.pk] for order in orders]


def test_worker_killed_at_each_step(project, log):
    """Each killed worker's successor first does what it left, and is killed one step later in the next order."""
    orders = reviewed(project, len(STEPS))
    left = None
    for step, order in zip(STEPS, orders, strict=True):
        with running_worker(worker_env(), log) as worker:
            if left is not None:
                work(partial(is_active, left), "what the killed worker left")
            approve_for_later(order)
            with step.stop(order) as lock:
                stop_worker_at(step, order, lock)
                kill(worker)
        left = order
    with running_worker(worker_env(), log):
        work(nothing_waits, "the last worker to do the rest")
    # Only the commit had arrived at the database before its worker died.
    assert attempts(orders) == [2] * (len(STEPS) - 1) + [1]
    assert_activated_once(project, orders)


def test_database_connection_lost_at_each_step(project, log):
    """One worker lives through all of it."""
    orders = reviewed(project, len(STEPS))
    with running_worker(worker_env(), log) as worker:
        for step, order in zip(STEPS, orders, strict=True):
            approve_for_later(order)
            with step.stop(order) as lock, connection.cursor() as cursor:
                pid = stop_worker_at(step, order, lock)
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
                until(lambda pid=pid: not is_connected(pid), "the connection to end")
            assert not is_active(order)
            work(partial(is_active, order), "the same worker to try again")
        work(nothing_waits, "the mails")
        assert worker.poll() is None
    assert attempts(orders) == [2] * len(STEPS)
    assert_activated_once(project, orders)


def is_connected(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone()[0]


def test_fifty_approvals_at_once_and_eight_workers(project, monkeypatch):
    monkeypatch.setattr(outbox, "wake", lambda lane: None)
    (order,) = orders = reviewed(project, 1)
    results = at_once([partial(approval.approve, order=order, by=SYSTEM, now=timezone.now())] * 50)
    assert Counter(getattr(result, "status", result) for result in results) == {"approved": 50}
    assert AuditEntry.objects.filter(action="order.approved").count() == 1
    assert Job.objects.filter(kind=approval.KIND).count() == 1
    done = at_once([outbox.run_due_jobs] * 8)
    assert [each for each in done if not isinstance(each, int)] == []
    outbox.run_due_jobs()
    assert_activated_once(project, orders)
    assert AuditEntry.objects.filter(action="order.activated").count() == 1


def eight_activate(order):
    act = partial(activation.activate, order_id=order.pk, now=timezone.now())
    return Counter(getattr(each, "code", type(each).__name__) for each in at_once([act] * 8))


def test_eight_activations_of_one_order(project):
    (order,) = reviewed(project, 1)
    approve_for_later(order)
    assert eight_activate(order) == {"Lease": 1, "NoneType": 7}


def test_without_the_lock_they_collide(project, monkeypatch):
    """The negative control: all eight see the approved order, and only the later guards stop seven of them."""
    (order,) = reviewed(project, 1)
    approve_for_later(order)
    all_have_looked, check = Barrier(8), activation.check_reservation

    def look(*args):
        check(*args)
        all_have_looked.wait(PATIENCE)

    monkeypatch.setattr(activation, "check_reservation", look)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    assert eight_activate(order) == {"Lease": 1, "number_status_changed": 7}


def test_approvals_and_their_withdrawal_at_once(project, monkeypatch):
    """However they interleave with the worker, the order ends in one of both states, and whole."""
    monkeypatch.setattr(outbox, "wake", lambda lane: None)
    for order in reviewed(project, 5):
        acts = [
            partial(act, order=order, by=SYSTEM, now=timezone.now())
            for act in (approval.approve, approval.withdraw_approval)
            for _ in range(6)
        ]
        results = at_once([*acts, outbox.run_due_jobs, outbox.run_due_jobs])
        refused = {each.code for each in results if isinstance(each, DomainError)}
        assert refused <= {"order_status_changed"}
        assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, DomainError)]
        order.refresh_from_db()
        assert order.status in ("in_review", "approved", "active")
        assert Lease.objects.filter(order=order).count() == (order.status == "active")
        if order.status != "active":
            approval.approve(order=order, by=SYSTEM, now=timezone.now())
    make_due()
    outbox.run_due_jobs()
    assert_activated_once(project, list(project.orders.select_related("number")))


def test_two_workers_two_beats(project, tmp_path):
    orders = reviewed(project, 30)
    for order in orders:
        approve_for_later(order)
    lost = Job.objects.filter(kind=approval.KIND).order_by("id")[:5]  # as after an accident with the table
    Job.objects.filter(pk__in=list(lost.values_list("pk", flat=True))).delete()
    with running_worker(worker_env(), tmp_path / "one.log"), running_worker(worker_env(), tmp_path / "two.log"):
        make_due()
        for _ in range(2):
            app.send_task("numbers.resume_handovers")
            sweep()
        until(lambda: all(map(is_active, orders)), "both workers to activate all orders")
        work(nothing_waits, "the mails")
    assert attempts(orders) == [1] * 30
    assert_activated_once(project, orders)
