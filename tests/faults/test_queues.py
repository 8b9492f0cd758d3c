"""One queue's slow work and another queue's urgent work, with workers as the composition starts them."""

import socket
import time

import pytest
from django.db import transaction
from django.utils import timezone

from numbers.compliance import approval
from portal.celery import app
from portal.jobs import outbox
from portal.jobs.models import Job
from projects.actor import SYSTEM
from tests.faults.orders import is_active, reviewed
from tests.faults.workers import running_worker, until, worker_env
from tests.jobs import handlers  # noqa: F401  registers the jobs
from tests.support.projects import make_project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.slow]
SLOW, THREADS = 500, 20


@pytest.fixture
def silent_server():
    """Takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=2 * SLOW) as server:
        yield server.getsockname()[1]


def seconds_to_provision(order):
    began = time.monotonic()
    approval.approve(order=order, by=SYSTEM, now=timezone.now())
    until(lambda: is_active(order), "the order to be activated")
    return time.monotonic() - began


def test_500_requests_that_hang_do_not_delay_a_provisioning_job(silent_server, tmp_path):
    app.control.purge()
    project = make_project(credit="1000")
    first, *orders = reviewed(project, 6)
    before, during = orders[:2], orders[2:]
    Job.objects.all().delete()  # the mails of the orders
    with (
        running_worker(worker_env(), tmp_path / "default.log", "default", "--processes", "2"),
        running_worker(worker_env(), tmp_path / "deliver.log", "deliver", "--threads", str(THREADS)),
    ):
        seconds_to_provision(first)  # the workers have started
        undisturbed = min(map(seconds_to_provision, before))
        with transaction.atomic():
            for _ in range(SLOW):
                outbox.enqueue("test.call", {"port": silent_server})
        begun = Job.objects.filter(kind="test.call", attempts=1)
        until(lambda: begun.count() == THREADS, "every thread to be in the middle of a request")
        # The best of three: a machine that is busy for a moment is no queue that is full.
        assert min(map(seconds_to_provision, during)) - undisturbed < 1
        assert Job.objects.filter(kind="test.call", state="queued").count() == SLOW
