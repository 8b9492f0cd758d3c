"""A real Celery worker process on the test's database and broker."""

import os
import signal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal.celery import app
from portal.jobs import outbox
from portal.jobs.models import Job, OutgoingMail
from sandbox.servers import Valkey
from tests.faults.workers import held, kill, running_worker, sweep, until, waiting_for, worker_env
from tests.jobs import handlers  # noqa: F401  registers the jobs

LOCK = 4711


def somebody_waits_for_the_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [LOCK],
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_of_a_job_it_is_done_exactly_once_by_the_next_worker(tmp_path):
    app.control.purge()
    log = tmp_path / "worker.log"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    with running_worker(worker_env(), log) as first:
        with transaction.atomic():
            outbox.enqueue("test.note", {"mark": "once", "lock": LOCK})
        until(somebody_waits_for_the_lock, "the worker to be in the middle of the job")
        kill(first)
    assert not OutgoingMail.objects.exists()
    assert Job.objects.get().attempts == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    # The dead worker's session ends as soon as it gets the lock; its row lock falls with it.
    Job.objects.update(run_at=timezone.now())
    with running_worker(worker_env(), log):
        app.send_task("portal.jobs.sweep")  # what beat does every ten seconds; twice is harmless
        app.send_task("portal.jobs.sweep")
        until(lambda: Job.objects.filter(state=Job.State.DONE).exists(), "the second worker to do the job")
    assert OutgoingMail.objects.get().subject == "once"
    assert Job.objects.get().attempts == 2
    assert '"logger": "portal' in log.read_text() or '"logger": "celery' in log.read_text()


@pytest.fixture
def broker(tmp_path):
    """Of this test alone: the address stays while the server goes and comes."""
    server = Valkey(tmp_path / "valkey").start()
    yield server
    server.stop()


def loses(broker, log):
    until(lambda: "Connection to broker lost" in log.read_text(), "the worker to miss its broker")


def away_for_a_while(broker, log):
    broker.stop()
    loses(broker, log)
    broker.start()


def killed_while_frozen(broker, log):
    os.kill(broker.process.pid, signal.SIGSTOP)
    broker.process.kill()
    broker.process.wait()
    loses(broker, log)
    broker.start()


def done(mark):
    return Job.objects.filter(payload__mark=mark, state=Job.State.DONE).exists()


PROCESSES, THREADS = ["--processes", "2"], ["--threads", "2"]


@pytest.mark.parametrize(
    ("accident", "how"),
    [
        (away_for_a_while, PROCESSES),
        (away_for_a_while, THREADS),
        (killed_while_frozen, PROCESSES),
    ],
    ids=["processes", "threads", "killed"],
)
@pytest.mark.django_db(transaction=True)
def test_the_worker_outlives_its_broker_and_takes_work_while_a_job_runs(broker, tmp_path, accident, how):
    """One of two processes or threads is busy; the worker waits at the broker for the other one's next work."""
    log = tmp_path / "worker.log"
    with (
        held("SELECT pg_advisory_lock(%s)", LOCK) as lock,
        running_worker(worker_env(REDIS_URL=broker.url), log, "default", *how) as worker,
    ):
        outbox.enqueue("test.note", {"mark": "running", "lock": LOCK})
        sweep(broker.url)
        until(lambda: waiting_for(lock), "the worker to be in the middle of the job")
        accident(broker, log)
        outbox.enqueue("test.note", {"mark": "new"})
        sweep(broker.url)
        until(lambda: done("new"), "the worker to take up work again")
        assert not done("running")
        lock.execute("SELECT pg_advisory_unlock_all()")
        until(lambda: not Job.objects.exclude(state=Job.State.DONE).exists(), "everything to be done")
        assert worker.poll() is None
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    assert OutgoingMail.objects.count() == 2
