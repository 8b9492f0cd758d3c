from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.celery import app
from portal.core.request_id import request_id
from portal.jobs import outbox
from portal.jobs.models import Job, OutgoingMail
from portal.jobs.queues import QUEUES

NOTES = outbox.lane_of("test.note")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def notes():
    return list(OutgoingMail.objects.order_by("id").values_list("subject", flat=True))


class UndoneError(Exception):
    pass


@transaction.atomic
def queue_and_fail():
    outbox.enqueue("test.note", {"mark": "a"})
    raise UndoneError


@pytest.fixture
def wakes(monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **options: sent.append(name))
    return sent


@pytest.mark.django_db(transaction=True)
class TestQueueing:
    def test_a_rolled_back_change_queues_nothing(self, wakes):
        with pytest.raises(UndoneError):
            queue_and_fail()
        assert not Job.objects.exists()
        assert wakes == []

    def test_workers_are_woken_after_the_commit_and_once(self, wakes):
        with transaction.atomic():
            outbox.enqueue("test.note", {"mark": "a"})
            with transaction.atomic():
                outbox.enqueue("test.note", {"mark": "b"})
            assert wakes == []
        assert len(wakes) == 1
        assert Job.objects.count() == 2

    def test_a_wake_up_queued_in_a_part_that_is_undone_does_not_hide_the_next(self, wakes):
        with transaction.atomic():
            with pytest.raises(UndoneError):
                queue_and_fail()
            outbox.enqueue("test.note", {"mark": "b"})
        assert len(wakes) == 1

    def test_one_wake_up_is_on_its_way_at_a_time_until_a_worker_looks(self, wakes):
        outbox.enqueue("test.note", {"mark": "a"})
        outbox.enqueue("test.note", {"mark": "b"})
        assert len(wakes) == 1
        app.tasks["test.note"]()
        assert notes() == ["a", "b"]
        outbox.enqueue("test.note", {"mark": "c"})
        assert len(wakes) == 2

    def test_a_process_trusts_the_mark_and_the_worker_waits_for_it(self, wakes, monkeypatch):
        """Between the end of the mark and the end of the trust a web process queues work and asks nobody."""
        outbox.enqueue("test.note", {"mark": "a"})

        def meanwhile(seconds):
            assert seconds == outbox.TRUST_SECONDS
            assert notes() == []  # a job may take long, and nobody else would look
            outbox.enqueue("test.note", {"mark": "b"})

        monkeypatch.setattr(outbox.time, "sleep", meanwhile)
        monkeypatch.setattr(outbox, "TRUST_SECONDS", 5.0)
        app.tasks["test.note"]()
        assert len(wakes) == 1
        assert notes() == ["a", "b"]

    def test_a_key_is_queued_once(self, wakes):
        outbox.enqueue("test.note", {"mark": "first"}, key="k")
        outbox.enqueue("test.note", {"mark": "second"}, key="k")
        assert [job.payload["mark"] for job in Job.objects.all()] == ["first"]

    def test_work_for_later_wakes_nobody_and_waits(self, wakes):
        outbox.enqueue("test.note", {"mark": "later"}, run_at=timezone.now() + timedelta(hours=1))
        for queue in QUEUES:
            outbox.sweep(queue)
        assert wakes == []
        assert outbox.run_due_jobs() == 0
        assert outbox.run_next(now=timezone.now() + timedelta(hours=2))
        assert notes() == ["later"]

    def test_a_broker_that_is_down_delays_the_work_but_neither_the_page_nor_the_commit(self, monkeypatch):
        started = datetime.now(UTC)
        monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")  # nobody listens on port 1
        monkeypatch.setattr(app, "_pool", None)
        monkeypatch.setattr(app.amqp, "_producer_pool", None)
        with transaction.atomic():
            outbox.enqueue("test.note", {"mark": "a"})
        assert (datetime.now(UTC) - started).total_seconds() < 2
        assert Job.objects.get().state == Job.State.QUEUED
        assert outbox.run_due_jobs() == 1
        assert notes() == ["a"]

    def test_two_handlers_for_one_kind_are_refused(self):
        with pytest.raises(ValueError, match=r"test\.note"):
            outbox.job("test.note")(lambda payload: None)

    def test_a_queue_that_nobody_serves_is_refused(self):
        with pytest.raises(ValueError, match="no queue 'fast'"):
            outbox.job("test.other", queue="fast")

    def test_a_later_transaction_of_the_same_kind_is_not_hidden_by_one_of_another_kind(self, wakes):
        with transaction.atomic():
            outbox.enqueue("test.note", {"mark": "a"})
            outbox.enqueue("test.call", {"port": 1})
            outbox.enqueue("test.note", {"mark": "b"})
        assert wakes == ["test.note", "test.call"]
        assert list(Job.objects.order_by("id").values_list("queue", flat=True)) == ["default", "deliver", "default"]


@pytest.mark.django_db(transaction=True)
class TestRunning:
    def test_the_error_that_staff_read_holds_no_secret(self, monkeypatch):
        def call(payload):
            raise ConnectionError("https://portal:hunter22@smtp.example said no to token=abcdef0123456789")

        monkeypatch.setitem(outbox.handlers, "test.note", call)
        Job.objects.create(kind="test.note", run_at=NOW)
        outbox.run_next(now=NOW)
        error = Job.objects.get().last_error
        assert error.startswith("ConnectionError: https://")
        assert "hunter22" not in error
        assert "abcdef" not in error

    def test_the_job_knows_the_request_that_queued_it(self, monkeypatch):
        seen = []
        monkeypatch.setitem(outbox.handlers, "test.note", lambda payload: seen.append(request_id.get()))
        token = request_id.set("request-17")
        outbox.enqueue("test.note", {"mark": "a"})
        request_id.reset(token)
        outbox.run_due_jobs()
        assert seen == [f"request-17.{Job.objects.get().pk}"]
        assert request_id.get() == ""

    def test_a_failure_undoes_the_work_and_is_tried_again_later_and_later(self):
        Job.objects.create(kind="test.fail", run_at=NOW)
        waits, at = [], NOW
        for _ in range(10):
            assert outbox.run_next(now=at)
            row = Job.objects.get()
            waits.append((row.run_at - at).total_seconds())
            assert row.state == Job.State.QUEUED
            assert not outbox.run_next(now=row.run_at - timedelta(microseconds=1))
            at = row.run_at
        assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
        assert row.last_error == "ValueError: no luck"
        assert notes() == []

    def test_out_of_attempts_it_is_failed_and_others_go_on(self):
        Job.objects.create(kind="test.fail", max_attempts=1, run_at=NOW)
        Job.objects.create(kind="test.note", payload={"mark": "good"}, run_at=NOW + timedelta(seconds=1))
        assert outbox.run_due_jobs() == 2
        poison, good = Job.objects.order_by("id")
        assert (poison.state, poison.attempts) == (Job.State.FAILED, 1)
        assert poison.finished_at is not None
        assert good.state == Job.State.DONE
        assert outbox.run_due_jobs() == 0

    def test_a_job_that_kills_its_worker_each_time_runs_out_of_attempts(self):
        Job.objects.create(kind="test.note", payload={"mark": "x"}, attempts=12, run_at=NOW)  # never came back
        assert outbox.run_due_jobs() == 0
        row = Job.objects.get()
        assert (row.state, row.last_error) == (Job.State.FAILED, "The worker died each time.")
        assert notes() == []

    def test_an_unknown_kind_waits_for_the_release_that_knows_it(self):
        Job.objects.create(kind="test.from_the_future", run_at=NOW)
        outbox.run_next(now=NOW)
        row = Job.objects.get()
        assert row.state == Job.State.QUEUED
        assert "test.from_the_future" in row.last_error

    def test_a_sweep_wakes_its_own_queue_and_says_of_an_unknown_kind_why_it_waits(self, wakes):
        Job.objects.create(kind="test.note", queue="bulk", payload={"mark": "a"}, run_at=NOW)
        Job.objects.create(kind="test.from_the_future", queue="bulk", run_at=NOW)
        outbox.sweep("mail")
        assert (wakes, set(Job.objects.values_list("last_error", flat=True))) == ([], {""})
        outbox.sweep("bulk")
        assert wakes == ["test.note"]
        assert "test.from_the_future" in Job.objects.get(kind="test.from_the_future").last_error

    def test_a_failed_job_can_be_queued_again_once(self, wakes):
        row = Job.objects.create(kind="test.note", payload={"mark": "a"}, state=Job.State.FAILED, attempts=12)
        assert outbox.queue_again(job_id=row.pk, now=NOW)
        assert not outbox.queue_again(job_id=row.pk, now=NOW)
        assert outbox.run_due_jobs() == 1
        assert notes() == ["a"]

    def test_a_runner_hands_over_when_its_time_is_up(self, wakes):
        for mark in "ab":
            Job.objects.create(kind="test.note", payload={"mark": mark}, run_at=NOW)
        assert outbox.run_due_jobs(NOTES, until=0) == 0
        outbox.awake(NOTES)  # as the successor does, in a process of its own
        outbox.forget()
        assert outbox.run_due_jobs(NOTES, limit=1) == 1
        assert len(wakes) == 2

    def test_done_jobs_are_forgotten_after_thirty_days_and_failed_ones_are_not(self):
        for state, days in (("done", 31), ("done", 29), ("failed", 31)):
            Job.objects.create(kind="test.note", state=state, finished_at=NOW - timedelta(days=days))
        assert outbox.tidy(now=NOW) == 1
        assert Job.objects.count() == 2
