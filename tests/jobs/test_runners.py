"""Several runners of one queue do nothing twice."""

import threading
from functools import partial

import pytest
from django.db import connection, transaction

from portal.jobs import outbox
from portal.jobs.models import Job
from tests.jobs import handlers
from tests.jobs.test_outbox import NOW, notes
from tests.support.crowd import Beside, at_once


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_runners_share_the_work_and_do_nothing_twice(monkeypatch):
    meeting = threading.Barrier(2, timeout=10)
    first_of_thread = threading.local()

    def meet_once(payload):
        if not getattr(first_of_thread, "met", False):
            first_of_thread.met = True
            meeting.wait()  # both are inside a job at the same time
        handlers.note(payload)

    monkeypatch.setitem(outbox.handlers, "test.note", meet_once)
    for number in range(30):
        Job.objects.create(kind="test.note", payload={"mark": str(number)}, run_at=NOW)
    ran = at_once([outbox.run_due_jobs] * 2)
    assert sorted(notes(), key=int) == [str(number) for number in range(30)]
    assert sum(ran) == 30
    assert min(ran) > 0
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_job_that_takes_longer_than_its_retry_delay_is_not_started_twice():
    """The row lock, not the clock, says that somebody is at it."""
    Job.objects.create(kind="test.note", payload={"mark": "slow"}, run_at=NOW, attempts=1)
    with transaction.atomic():
        Job.objects.select_for_update().get()  # a runner in its second transaction
        assert Beside(outbox.run_due_jobs).result() == 0
    assert outbox.run_due_jobs() == 1


@pytest.mark.django_db(transaction=True)
class TestBetweenClaimAndRun:
    """The attempt is committed first, then the row is locked again: what may happen in between."""

    def then(self, monkeypatch, happens):
        claim = outbox.claim

        def claim_then(now, lane):
            row, more = claim(now, lane)
            if row is not None:
                happens(row)
            return row, more

        monkeypatch.setattr(outbox, "claim", claim_then)

    def test_somebody_else_claimed_it_too_because_we_were_slow(self, monkeypatch):
        Job.objects.create(kind="test.note", payload={"mark": "theirs"}, run_at=NOW)
        self.then(monkeypatch, lambda row: Job.objects.filter(pk=row.pk).update(attempts=row.attempts + 2))
        assert outbox.run_next(now=NOW)
        assert notes() == []
        assert Job.objects.get().state == Job.State.QUEUED

    @pytest.mark.race
    def test_another_runner_that_only_looks_does_not_make_us_lose_the_job(self, monkeypatch):
        Job.objects.create(kind="test.note", payload={"mark": "ours"}, run_at=NOW)
        looking, over = threading.Event(), threading.Event()

        def look(pk):
            """Holds the row until the runner waits for it, or has given up."""
            with transaction.atomic(), connection.cursor() as cursor:
                Job.objects.select_for_update().get(pk=pk)
                looking.set()
                cursor.execute("SELECT pg_backend_pid()")
                (mine,) = cursor.fetchone()
                while not over.wait(0.02):
                    cursor.execute(
                        "SELECT 1 FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid))", [mine]
                    )
                    if cursor.fetchone():
                        break

        lookers = []

        def somebody_looks(row):
            lookers.append(Beside(partial(look, row.pk)))
            assert looking.wait(10)

        self.then(monkeypatch, somebody_looks)
        try:
            assert outbox.run_next(now=NOW)
        finally:
            over.set()
            assert lookers[0].result() is None
        assert notes() == ["ours"]
