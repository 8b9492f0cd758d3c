"""The broker (and with it the cache) is gone while customers buy and reviewers approve, and comes back."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings as portal_settings
from django.urls import reverse

from billing.ledger import integrity
from numbers.console.orders.forms import new_form_token
from numbers.models import Lease, Number, Order
from portal.jobs.models import Job, OutgoingMail
from sandbox.servers import Valkey
from tests.faults.orders import assert_activated_once, nothing_waits, reviewed
from tests.faults.workers import make_due, running_worker, sweep, until, worker_env
from tests.support.inventory import make_number
from tests.support.people import browser_of
from tests.support.projects import make_project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.slow]
MANY = 50
PATIENT_CUSTOMER = 10.0  # seconds for one request, on a machine that tests run on in parallel


@pytest.fixture
def broker(tmp_path):
    """Of this test alone: the address stays while the server goes and comes."""
    server = Valkey(tmp_path / "valkey")
    yield server
    server.stop()


def shop(env, session, buys, orders):
    wanted = {"session": session, "buys": buys, "approve": [order.pk for order in orders]}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.shopping"],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        env=env,
        cwd=portal_settings.BASE_DIR,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def tally(outcomes):
    return Counter((what, outcome) for what, outcome, _ in outcomes)


def shopping_list(count):
    """A project's session, what it buys, and orders to be approved."""
    project = make_project(credit="1000")
    orders = reviewed(project, count)
    numbers = [make_number(f"+121255502{n:02d}").e164 for n in range(count)]
    buys = [
        (
            reverse("numbers:buy", args=[project.pid, e164[1:]]),
            {"form_token": new_form_token(), "expected_total": "3.00"},
        )
        for e164 in numbers
    ]
    Job.objects.all().delete()  # the mails of the orders themselves
    return project, browser_of(project.created_by).cookies["sessionid"].value, buys, orders


def test_broker_down_during_fifty_purchases_and_fifty_approvals(broker, tmp_path):
    project, session, buys, orders = shopping_list(MANY)
    env = worker_env(REDIS_URL=broker.url)

    outcomes = shop(env, session, buys, orders)
    assert tally(outcomes) == {("buy", 302): MANY, ("approve", "approved"): MANY}
    assert max(seconds for *_, seconds in outcomes) < PATIENT_CUSTOMER
    assert Lease.objects.count() == MANY
    assert Order.objects.filter(status="approved").count() == MANY
    assert Counter(Job.objects.values_list("kind", "state")) == {
        ("numbers.purchased_mail", "queued"): MANY,
        ("numbers.provision", "queued"): MANY,
    }

    broker.start()
    make_due()
    with running_worker(env, tmp_path / "worker.log"):
        sweep(broker.url)
        until(nothing_waits, "everything to be delivered")
    assert_activated_once(project, orders)
    assert Number.objects.filter(status="leased").count() == Lease.objects.count() == 2 * MANY
    bought = OutgoingMail.objects.filter(subject__endswith="is yours", sent_at__isnull=False)
    assert set(Counter(bought.values_list("subject", flat=True)).values()) == {1}
    assert bought.count() == MANY
    assert integrity.problems() == []


def test_a_broker_that_takes_connections_and_never_answers_delays_and_stops_nobody(broker):
    """Its time-out is waited for once, and not for every question that a page has for the cache."""
    _, session, buys, orders = shopping_list(4)
    broker.start()
    os.kill(broker.process.pid, signal.SIGSTOP)
    outcomes = shop(worker_env(REDIS_URL=broker.url), session, buys, orders)
    os.kill(broker.process.pid, signal.SIGCONT)
    assert tally(outcomes) == {("buy", 302): 4, ("approve", "approved"): 4}
    assert max(seconds for *_, seconds in outcomes) < PATIENT_CUSTOMER
