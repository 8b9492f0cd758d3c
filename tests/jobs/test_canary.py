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
