"""A real Celery worker process on the test's database and broker."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal.celery import app
from portal.jobs import outbox
from portal.jobs.models import Job, OutgoingMail
from tests.faults.workers import kill, running_worker, until, worker_env
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
