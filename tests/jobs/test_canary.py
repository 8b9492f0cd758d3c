from datetime import UTC, datetime, timedelta

import pytest

from portal.jobs import canary, outbox
from portal.jobs.models import Job

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_one_row_says_when_a_worker_last_did_it():
    assert canary.finished_at() is None
    canary.send(now=NOW)
    canary.send(now=NOW)
    assert canary.finished_at() is None
    assert outbox.run_due_jobs(outbox.lane_of(canary.KIND)) == 1
    first = canary.finished_at()
    canary.send(now=NOW + timedelta(seconds=30))
    assert canary.finished_at() == first  # until it was done again
    assert outbox.run_due_jobs() == 1
    assert canary.finished_at() > first
    assert Job.objects.get().state == Job.State.DONE


@pytest.mark.django_db(transaction=True)
def test_it_never_runs_out_of_attempts_and_leaves_alone_what_waits():
    for _ in range(Job._meta.get_field("max_attempts").default + 1):
        canary.send(now=NOW)
        assert outbox.run_due_jobs() == 1
    canary.send(now=NOW)
    later = NOW + timedelta(hours=1)
    Job.objects.update(attempts=1, run_at=later)  # as when a worker has just begun
    canary.send(now=NOW)
    assert Job.objects.values_list("attempts", "run_at").get() == (1, later)
