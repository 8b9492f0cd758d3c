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
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", [LOCK])
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


def restarted(server):
    server.stop()
    server.start()


def killed_while_frozen(server):
    os.kill(server.process.pid, signal.SIGSTOP)
    server.process.kill()
    server.process.wait()
    server.start()


def done(mark):
    return Job.objects.filter(payload__mark=mark, state=Job.State.DONE).exists()


@pytest.mark.parametrize("how", [["--processes", "2"], ["--threads", "2"]], ids=["processes", "threads"])
@pytest.mark.parametrize("accident", [restarted, killed_while_frozen])
@pytest.mark.django_db(transaction=True)
def test_the_worker_outlives_its_broker_and_takes_work_while_a_job_runs(broker, tmp_path, accident, how):
    """Two jobs run and further wake-ups have been taken from the broker when it happens; then one of both ends."""
    with (
        held("SELECT pg_advisory_lock(%s)", LOCK) as first,
        held("SELECT pg_advisory_lock(%s)", LOCK + 1) as second,
        running_worker(worker_env(REDIS_URL=broker.url), tmp_path / "worker.log", "default", *how) as worker,
    ):
        with transaction.atomic():
            outbox.enqueue("test.note", {"mark": "first", "lock": LOCK})
            outbox.enqueue("test.note", {"mark": "second", "lock": LOCK + 1})
        for _ in range(4):
            sweep(broker.url)
        until(lambda: waiting_for(first) and waiting_for(second), "the worker to be in the middle of both jobs")
        accident(broker)
        first.execute("SELECT pg_advisory_unlock_all()")
        outbox.enqueue("test.note", {"mark": "third"})
        sweep(broker.url)
        until(lambda: done("first") and done("third"), "the worker to take up work again")
        assert not done("second")
        second.execute("SELECT pg_advisory_unlock_all()")
        until(lambda: done("second"), "the job that ran all the time to end")
        assert worker.poll() is None
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}
    assert OutgoingMail.objects.count() == 3
