"""Delivering again: one, all that failed, all that never arrived, also those that came."""

from datetime import timedelta

import pytest
from django.utils import timezone

from numbers.messaging import redelivery
from numbers.messaging.dispatch import dispatch
from numbers.messaging.redelivery import Span
from numbers.models import Message
from portal.core.errors import DomainError
from portal.jobs import outbox
from projects import suspension
from projects.models import AuditEntry
from tests.messaging.delivering import comes_in, set_url, status
from tests.messaging.messages import AT, make_message
from tests.support.leases import make_lease
from tests.support.webhooks import deliver, due_now, found

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(days=1)
DAY = Span(AT - timedelta(hours=12), AT + timedelta(hours=12))


def texts(receiver):
    deliver()
    return [each.parameters["message"] for each in receiver.received]


class TestOne:
    @pytest.mark.parametrize("was", ["failed", "no_url", "cancelled", "delivered"])
    def test_it_is_sent_again_under_its_id(self, lease, by, receiver, was):
        message = make_message(lease, status=was)
        set_url(by, receiver.url, lease=lease)
        redelivery.redeliver(message=message, by=by, now=NOW)
        assert status(message) == "waiting"
        assert texts(receiver) == ["Hello"]
        assert receiver.received[0].headers["webhook-id"] == str(message.message_id)
        assert status(message) == "delivered"
        assert AuditEntry.objects.filter(action="message.redelivered", subject=lease.number.e164).count() == 1

    def test_one_that_was_delivered_comes_twice_under_one_id(self, lease, by, receiver):
        set_url(by, receiver.url, lease=lease)
        message = comes_in(lease)
        deliver()
        redelivery.redeliver(message=message, by=by, now=NOW)
        deliver()
        assert {each.headers["webhook-id"] for each in receiver.received} == {str(message.message_id)}
        assert len(receiver.received) == 2

    def test_with_nine_attempts_again(self, lease, by, receiver):
        receiver.answers(500)
        set_url(by, receiver.url, lease=lease)
        message = comes_in(lease)
        for _ in range(9):
            deliver()
            due_now()
        redelivery.redeliver(message=message, by=by, now=timezone.now())
        deliver()
        assert (status(message), found(str(message.message_id)).attempts) == ("waiting", 1)

    def test_to_where_messages_of_its_number_go_now(self, lease, project, by, receiver, other_receiver):
        set_url(by, receiver.url, project=project)
        message = comes_in(lease)
        deliver()
        set_url(by, other_receiver.url, lease=lease)
        redelivery.redeliver(message=message, by=by, now=NOW)
        deliver()
        assert (len(receiver.received), len(other_receiver.received)) == (1, 1)

    def test_what_is_in_the_queue_already_begins_no_new_set_of_attempts(self, lease, by, receiver):
        receiver.answers(500)
        set_url(by, receiver.url, lease=lease)
        message = comes_in(lease)
        deliver()
        dispatch([message], timezone.now())
        assert deliver() == 0
        assert found(str(message.message_id)).attempts == 1

    def test_not_in_a_suspended_project(self, lease, project, by, receiver):
        message = make_message(lease, status="failed")
        set_url(by, receiver.url, lease=lease)
        suspension.suspend(project=project, reason="Fraud.", by=by, now=NOW)
        for act in (
            lambda: redelivery.redeliver(message=message, by=by, now=NOW),
            lambda: redelivery.redeliver_all(project=project, which="all", span=DAY, by=by, now=NOW),
        ):
            with pytest.raises(DomainError, match="Fraud"):
                act()
        outbox.run_due_jobs()
        assert (texts(receiver), status(message)) == ([], "failed")

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"status": "waiting"}, "message_waits"),
            ({"status": "held"}, "message_held"),
            ({"status": "failed", "text": None, "body_cleared_at": AT}, "message_cleared"),
        ],
    )
    def test_what_cannot_be(self, lease, by, receiver, values, code):
        message = make_message(lease, **values)
        set_url(by, receiver.url, lease=lease)
        with pytest.raises(DomainError) as refused:
            redelivery.redeliver(message=message, by=by, now=NOW)
        assert refused.value.code == code
        assert texts(receiver) == []

    def test_without_a_url(self, lease, by):
        message = make_message(lease, status="no_url")
        with pytest.raises(DomainError) as refused:
            redelivery.redeliver(message=message, by=by, now=NOW)
        assert (refused.value.code, status(message)) == ("no_message_url", "no_url")


class TestMany:
    @pytest.mark.parametrize(
        ("which", "expected"),
        [
            ("failed", {"failed"}),
            ("not_delivered", {"failed", "no_url", "cancelled"}),
            ("all", {"failed", "no_url", "cancelled", "delivered"}),
        ],
    )
    def test_which(self, lease, project, by, receiver, which, expected):
        for each in ("failed", "no_url", "cancelled", "delivered", "held"):
            make_message(lease, status=each, text=each)
        set_url(by, receiver.url, lease=lease)
        redelivery.redeliver_all(project=project, which=which, span=DAY, by=by, now=NOW)
        outbox.run_due_jobs()
        assert set(texts(receiver)) == expected
        assert AuditEntry.objects.filter(action="message.redelivery_started").count() == 1

    def test_only_of_the_time_and_of_the_project(self, lease, project, other_project, by, receiver):
        theirs = make_lease("+12125550102", other_project)
        make_message(theirs, status="failed", text="theirs")
        for days, text in ((-3, "before"), (0, "in it"), (3, "after")):
            make_message(lease, status="failed", text=text, received_at=AT + timedelta(days=days))
        set_url(by, receiver.url, lease=lease)
        set_url(by, receiver.url, project=other_project)
        span = Span(DAY.since, AT + timedelta(days=2))
        redelivery.redeliver_all(project=project, which="failed", span=span, by=by, now=AT + timedelta(days=9))
        outbox.run_due_jobs()
        assert texts(receiver) == ["in it"]

    @pytest.mark.parametrize("moments", [7, 1], ids=["different moments", "one moment"])
    def test_many_go_in_parts_each_once_oldest_first(
        self,
        lease,
        project,
        by,
        receiver,
        monkeypatch,
        moments,
    ):
        monkeypatch.setattr(redelivery, "CHUNK", 3)
        for number in range(7):
            at = AT + timedelta(seconds=number % moments)
            make_message(lease, status="failed", text=str(number), received_at=at)
        set_url(by, receiver.url, lease=lease)
        redelivery.redeliver_all(project=project, which="all", span=DAY, by=by, now=NOW)
        outbox.run_due_jobs()
        assert sorted(texts(receiver)) == [str(number) for number in range(7)]
        assert not Message.objects.filter(status="failed").exists()

    def test_what_comes_in_meanwhile_is_left_alone(self, lease, project, by, receiver):
        set_url(by, receiver.url, lease=lease)
        span = Span(DAY.since, NOW + timedelta(days=3))
        redelivery.redeliver_all(project=project, which="failed", span=span, by=by, now=NOW)
        make_message(lease, status="failed", received_at=NOW + timedelta(seconds=1))
        outbox.run_due_jobs()
        assert texts(receiver) == []

    def test_at_most_a_month_at_a_time(self, project, by):
        span = Span(AT - timedelta(days=40), AT)
        with pytest.raises(DomainError) as refused:
            redelivery.redeliver_all(project=project, which="all", span=span, by=by, now=NOW)
        assert (refused.value.code, refused.value.field) == ("redelivery_too_long", "since")
