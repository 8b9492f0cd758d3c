"""Which queue a job belongs to, who is woken for it, and what a wake-up runs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from portal.celery import app
from portal.jobs import outbox, tasks
from portal.jobs.models import Job
from portal.jobs.queues import QUEUES, broker_name
from tests.faults.workers import held
from tests.jobs import handlers  # noqa: F401  registers the jobs
from tests.jobs.test_outbox import notes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTES = outbox.lane_of("test.note")


@pytest.fixture
def wakes(monkeypatch):
    """(task, queue at the broker) of each wake-up."""
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **options: sent.append((name, options["queue"])))
    return sent


def broker_queue(queue):
    return broker_name(settings.QUEUE_PREFIX, queue)


@pytest.mark.django_db(transaction=True)
class TestQueues:
    def test_each_kind_is_a_celery_task_with_the_limits_of_its_queue(self):
        for kind, lane in outbox.lanes.items():
            task, limits = app.tasks[kind], QUEUES[lane.queue]
            assert (task.soft_time_limit, task.time_limit) == (limits.soft, limits.hard)
            assert limits.hard <= settings.CELERY_TASK_TIME_LIMIT  # what the worker's health check goes by

    def test_every_mail_is_the_mail_workers_business(self):
        assert {lane.queue for kind, lane in outbox.lanes.items() if "mail" in kind} == {"mail"}

    def test_beat_sends_to_queues_that_workers_serve(self):
        served = set(app.amqp.queues)
        assert served == {broker_queue(queue) for queue in QUEUES}
        app.loader.import_default_modules()
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            assert entry["options"]["queue"] in served
            assert entry["task"] in app.tasks

    def test_beat_sends_every_task_that_nobody_else_does(self):
        """Months, releases, reconciling: what beat forgets never happens, and nothing fails."""
        app.loader.import_default_modules()
        ours = {
            name
            for name, task in app.tasks.items()
            if task.run.__module__.split(".")[0] in ("portal", "numbers", "billing", "projects")
        }
        entries = list(settings.CELERY_BEAT_SCHEDULE.values())
        assert ours - set(outbox.handlers) == {entry["task"] for entry in entries}
        swept = [(entry["args"], entry["options"]["queue"]) for entry in entries if entry["task"] == tasks.sweep.name]
        assert sorted(swept) == sorted(([queue], broker_queue(queue)) for queue in QUEUES)
        for entry in entries:  # what nobody took is sent again, and not done twice in a row
            assert entry["options"]["expires"] == entry["schedule"] <= 6 * 3600

    @pytest.mark.parametrize(
        ("queue", "names"),
        [
            ("deliver", {"billing.reconcile", "webhooks.deliver"}),
            (
                "bulk",
                {
                    "billing.check_ledger",
                    "numbers.count_stock",
                    "numbers.forget_routing_imports",
                    "numbers.keep_call_records",
                    "numbers.keep_messages",
                    "numbers.watch_credit",
                    "numbers.watch_documents",
                    "projects.forget_deliveries",
                    "projects.forget_imports",
                    "projects.watch_endpoints",
                    "projects.watch_push_credentials",
                    "accounts.forget_sign_ups",
                    "portal.jobs.tidy",
                },
            ),
        ],
    )
    def test_what_is_long_or_asks_others_keeps_no_money_or_number_waiting(self, queue, names):
        entries = settings.CELERY_BEAT_SCHEDULE.values()
        sent = {entry["task"] for entry in entries if entry["options"]["queue"] == broker_queue(queue)}
        assert sent - {tasks.sweep.name} == names

    def test_a_wake_up_runs_its_own_kind_and_queue_only(self):
        Job.objects.create(kind="test.note", payload={"mark": "ours"}, run_at=NOW)
        Job.objects.create(kind="test.note", payload={"mark": "elsewhere"}, queue="bulk", run_at=NOW)
        Job.objects.create(kind="test.fail", run_at=NOW)
        app.tasks["test.note"]("default")
        assert notes() == ["ours"]
        app.tasks["test.note"]("bulk")  # the row is the truth, and not where this release would put the kind
        assert notes() == ["ours", "elsewhere"]

    def test_who_finds_more_than_one_wakes_another(self, wakes):
        for _ in range(2):
            Job.objects.create(kind="test.note", payload={"mark": "x"}, run_at=NOW)
        assert outbox.run_next(lane=NOTES)
        assert len(wakes) == 1
        outbox.awake(NOTES)  # as the other worker does, in a process of its own
        outbox.forget()
        assert outbox.run_next(lane=NOTES)
        assert len(wakes) == 1

    def test_a_job_that_somebody_runs_wakes_nobody(self, wakes):
        """However long it takes: it becomes due again while it runs."""
        for _ in range(2):
            Job.objects.create(kind="test.note", payload={"mark": "x"}, run_at=NOW)
        with held("SELECT FROM jobs_job ORDER BY id LIMIT 1 FOR UPDATE"):
            assert outbox.run_next(lane=NOTES)
        assert wakes == []

    def test_a_sweep_wakes_its_queue_for_each_kind_that_is_due_and_runs_nothing(self, wakes):
        later = timezone.now() + timedelta(hours=1)
        for kind, queue, run_at, state in [
            ("test.note", "default", NOW, "queued"),
            ("test.note", "default", NOW, "queued"),
            ("test.fail", "default", NOW, "queued"),
            ("mail.send", "default", NOW, "queued"),
            ("test.call", "deliver", NOW, "queued"),
            ("payments.sync", "default", later, "queued"),
            ("numbers.provision", "default", NOW, "failed"),
        ]:
            Job.objects.create(kind=kind, queue=queue, run_at=run_at, state=state)
        tasks.sweep("default")
        assert wakes == [(kind, broker_queue("default")) for kind in ("mail.send", "test.fail", "test.note")]
        assert set(Job.objects.values_list("attempts", flat=True)) == {0}
        tasks.sweep("deliver")
        assert wakes[3:] == [("test.call", broker_queue("deliver"))]

    def test_a_sweep_leaves_an_unknown_kind_to_the_release_that_knows_it_and_says_so(self, wakes):
        Job.objects.create(kind="test.from_the_future", run_at=NOW)
        tasks.sweep("default")
        row = Job.objects.get()
        assert (row.state, row.attempts, wakes) == (Job.State.QUEUED, 0, [])
        assert "test.from_the_future" in row.last_error

    def test_an_earlier_release_names_no_queue_and_its_jobs_are_done(self, wakes):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO jobs_job (kind, payload, state, attempts, max_attempts, run_at, last_error, created_at, "
                "request_id) VALUES ('test.note', '{\"mark\": \"old\"}', 'queued', 0, 12, now(), '', now(), '')"
            )
        tasks.sweep("default")
        assert wakes == [("test.note", broker_queue("default"))]
        app.tasks["test.note"]("default")
        assert notes() == ["old"]
