"""``kill -9`` of the monthly run, ten times in its middle: 2,000 leases, each charged exactly once.

A trigger of the test makes the run wait at a chosen lease and step, so it is killed there and nowhere else.
"""

import os
import signal
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.utils import timezone

from billing.ledger import integrity
from billing.ledger.models import Transfer
from numbers.leases.billing_dates import charge_date
from numbers.models import Lease, LeaseCharge
from numbers.renewals.charging import charge_months
from portal.celery import app
from tests.faults.workers import held, running_worker, until, waiting_for, worker_env
from tests.renewals.data import balance
from tests.support import table_owner
from tests.support.people import make_user
from tests.support.projects import make_project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.slow]

LEASES, PART = 2000, 100
SHARES = [1100, 250, 250, 200, 100, 100]  # of the projects; most are charged in parts
PRICE = Decimal("1.25")
GATE = 471100
STEPS = ["the charges are written", "the transfers are booked", "the leases get their new dates"]
_TRIGGERS = f"""
CREATE TABLE gate (lease_id bigint, step text);
CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({GATE}) FROM gate
    WHERE step = TG_ARGV[0] AND lease_id = CASE TG_TABLE_NAME WHEN 'numbers_lease' THEN (to_jsonb(NEW)->>'id')::bigint
        WHEN 'billing_transfer' THEN (to_jsonb(NEW)->>'cause_id')::bigint ELSE (to_jsonb(NEW)->>'lease_id')::bigint END;
    RETURN NEW;
END $$;
CREATE TRIGGER gate AFTER INSERT ON numbers_leasecharge FOR EACH ROW EXECUTE FUNCTION gate('{STEPS[0]}');
CREATE TRIGGER gate AFTER INSERT ON billing_transfer FOR EACH ROW EXECUTE FUNCTION gate('{STEPS[1]}');
CREATE TRIGGER gate AFTER UPDATE ON numbers_lease FOR EACH ROW EXECUTE FUNCTION gate('{STEPS[2]}');
"""
_GONE = """
DROP TRIGGER gate ON numbers_leasecharge; DROP TRIGGER gate ON billing_transfer; DROP TRIGGER gate ON numbers_lease;
DROP FUNCTION gate(); DROP TABLE gate;
"""
_NUMBERS = """
INSERT INTO numbers_number (e164, country, region, city, type, sms, voice, setup_price, monthly_price, docs_required,
                            supplier, supplier_ref, status, updated_at)
SELECT '+1212' || n, 'US', 'New York', 'New York', 'did', true, true, 0, %(price)s, false, 'test', 'm' || n, 'leased',
       now()
FROM generate_series(%(first)s, %(last)s) AS n
RETURNING id"""
_LEASES = """
WITH made AS (
    INSERT INTO numbers_lease (number_id, project_id, status, started_at, setup_price, monthly_price, anchor_day,
                               next_charge_on, friendly_name, tags, bought_by)
    SELECT id, %(project)s, 'active', %(started)s, 0, %(price)s, %(day)s, %(due)s, '', '{}', 'test'
    FROM unnest(%(numbers)s::bigint[]) AS id ORDER BY id RETURNING id
)
INSERT INTO numbers_leasecharge (lease_id, period, starts_on, amount, charged_at)
SELECT id, 0, %(started)s, 0, now() FROM made"""


@pytest.fixture
def projects():
    """Leases that fell due some days ago; their first month was free."""
    owner, first, made = make_user(), 2_000_000, []
    started = datetime.combine(timezone.now().date() - timedelta(days=40), datetime.min.time(), UTC)
    with connection.cursor() as cursor:
        for share in SHARES:
            project = make_project(owner, credit=PRICE * share + Decimal("0.5"))
            cursor.execute(_NUMBERS, {"first": first, "last": first + share - 1, "price": PRICE})
            numbers = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                _LEASES,
                {
                    "project": project.pk,
                    "numbers": numbers,
                    "started": started,
                    "price": PRICE,
                    "day": started.day,
                    "due": charge_date(started.date(), 1),
                },
            )
            first += share
            made.append(project)
    return made


@pytest.fixture
def gate():
    """``with gate(lease, step) as closed:`` the run waits there until the end of the block."""
    table_owner.execute(_TRIGGERS)

    @contextmanager
    def close(lease_id, step):
        table_owner.execute("DELETE FROM gate")
        table_owner.execute("INSERT INTO gate VALUES (%s, %s)", [lease_id, step])
        with held("SELECT pg_advisory_xact_lock(%s)", GATE) as closed:
            yield closed
        table_owner.execute("DELETE FROM gate")

    yield close
    table_owner.execute(_GONE)


def charged():
    return LeaseCharge.objects.filter(period=1).count()


def _run():
    # After a test with a browser, whose event loop the child has not, this is another connection than the parent's.
    connections[DEFAULT_DB_ALIAS] = connection.copy()
    charge_months(now=timezone.now(), batch=PART)
    os._exit(0)  # nothing of the test's process is ours to clean up


@contextmanager
def forked_run():
    """The run in a process of its own, which begins at once."""
    connections.close_all()  # a child must not share them
    process = get_context("fork").Process(target=_run)
    process.start()
    try:
        yield process.pid
    finally:
        process.kill()
        process.join()


@contextmanager
def beaten_worker(tmp_path):
    """A real worker, told to run by a task as beat sends it."""
    app.control.purge()
    with running_worker(worker_env(RENEWAL_BATCH=str(PART)), tmp_path / "worker.log") as worker:
        app.send_task("numbers.charge_months")
        yield worker.pid


def kill_at(gate, lease_id, step, process):
    """Kills the run while it stands at the gate; its transaction goes with it."""
    with gate(lease_id, step) as closed:
        with process as pid:
            backend, _ = until(lambda: waiting_for(closed), f"the run to come to lease {lease_id}")
            os.killpg(pid, signal.SIGKILL) if os.getpgid(pid) == pid else os.kill(pid, signal.SIGKILL)
        # The server learns of the death when the lock is given up and it wants to answer.
        closed.rollback()
        until(lambda: not alive(backend), "the dead run's session to end")


def alive(backend):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [backend])
        return cursor.fetchone()[0]


def test_killed_ten_times_it_charges_each_lease_once(projects, gate, tmp_path):
    leases = list(Lease.objects.order_by("id").values_list("pk", flat=True))
    assert len(leases) == LEASES
    seen = [0]
    for n in range(10):
        process = beaten_worker(tmp_path) if n == 0 else forked_run()
        kill_at(gate, leases[150 + n * 190], STEPS[n % 3], process)
        seen.append(charged())
    # Each run got further than the one before, and each was stopped in the middle: no part is there by half.
    assert seen == sorted(set(seen))
    assert seen[-1] < LEASES
    assert all(count % 50 == 0 for count in seen)
    charge_months(now=timezone.now(), batch=PART)
    assert set(Counter(LeaseCharge.objects.filter(period=1).values_list("lease_id", flat=True)).values()) == {1}
    assert charged() == LEASES == Transfer.objects.filter(kind="number_monthly").count()
    assert [balance(project) for project in projects] == [Decimal("0.5")] * len(projects)
    assert set(Lease.objects.values_list("status", "next_period")) == {("active", 2)}
    assert integrity.problems() == []
    assert charge_months(now=timezone.now(), batch=PART).months == 0
