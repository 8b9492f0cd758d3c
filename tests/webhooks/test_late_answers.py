"""Answers that come when their claim was taken for lost, and another worker sends the same again."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.jobs.models import Job
from portal.outbound.client import Courier, Limits
from projects.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from projects.webhooks import endpoints
from projects.webhooks.dispatcher import Dispatcher
from tests.messaging.delivering import comes_in, set_url, status
from tests.support.crowd import Beside
from tests.support.leases import make_lease
from tests.support.receivers import Reply
from tests.support.webhooks import deliver, due_now, found, make_target, queue

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PATIENCE = 30
LONG = Limits(connect=PATIENCE, total=PATIENCE)


class Twice:
    """A receiver that gets the same from a second worker before it answers the first, which is to end just then; the
    second is answered when :meth:`finish` says so."""

    def __init__(self, receiver, first, second=200):
        self.second_came, self.go_on = threading.Event(), threading.Event()
        self.first, self.second, self.receiver = first, second, receiver
        receiver.behave = self.behave

    def begin(self):
        """Returns when the first has its answer."""
        with Courier(limits=LONG) as courier:
            self.worker = Dispatcher(courier, linger=timedelta(0))
            assert self.worker.run() == 1

    def behave(self, request):
        if len(self.receiver.received) > 1:
            self.second_came.set()
            self.go_on.wait(PATIENCE)
            return Reply(self.second)
        self.worker.stop()
        Beside(due_now).result()  # the claim has run out
        self.other_worker = Beside(lambda: deliver(limits=LONG))
        self.second_came.wait(PATIENCE)
        return Reply(self.first)

    def finish(self):
        self.go_on.set()
        assert self.other_worker.result() == 1


def attempts():
    return sorted(WebhookAttempt.objects.values_list("number", "result"))


def test_a_failure_leaves_it_to_who_sends_it_again(project, receiver):
    twice = Twice(receiver, first=500)
    webhook_id = queue(make_target(project, receiver.url))
    twice.begin()
    assert (found(webhook_id).state, found(webhook_id).attempts) == ("sending", 2)
    twice.finish()
    assert found(webhook_id).state == "delivered"
    assert attempts() == [(1, "interrupted"), (1, "status"), (2, "delivered")]


def test_a_success_counts_and_what_fails_after_it_does_not(project, receiver):
    twice = Twice(receiver, first=200, second=500)
    webhook_id = queue(make_target(project, receiver.url))
    twice.begin()
    assert found(webhook_id).state == "delivered"
    twice.finish()
    assert found(webhook_id).state == "delivered"


def test_a_second_success_changes_nothing(project, receiver):
    twice = Twice(receiver, first=200)
    webhook_id = queue(make_target(project, receiver.url))
    twice.begin()
    finished_at = found(webhook_id).finished_at
    twice.finish()
    assert finished_at == found(webhook_id).finished_at is not None


def test_a_message_has_not_failed_while_it_is_sent_again(project, receiver, by):
    lease = make_lease(project=project)
    set_url(by, receiver.url, lease=lease)
    message = comes_in(lease)
    WebhookDelivery.objects.update(attempts=8)  # the next is the last
    twice = Twice(receiver, first=500)
    twice.begin()
    assert status(message) == "waiting"
    twice.finish()
    assert status(message) == "delivered"


@pytest.mark.parametrize(("answer", "expected"), [(200, "delivered"), (500, "no_url")])
def test_what_was_on_its_way_when_its_url_was_removed(project, receiver, by, answer, expected):
    lease = make_lease(project=project)
    set_url(by, receiver.url, lease=lease)
    message = comes_in(lease)

    def behave(request):
        Beside(lambda: set_url(by, "", lease=lease)).result()
        return Reply(answer)

    receiver.behave = behave
    deliver(limits=LONG)
    due_now()
    deliver(limits=LONG)
    assert (status(message), len(receiver.received)) == (expected, 1)


def test_a_worker_that_was_away_too_long_and_sends_its_own_again_goes_on(project, receiver):
    """A machine that was halted, or a database that did not answer: what is on its way counts as lost."""
    second_came = threading.Event()

    def behave(request):
        if len(receiver.received) > 1:
            second_came.set()
            return Reply(200)
        Beside(due_now).result()
        second_came.wait(PATIENCE)
        return Reply(500)

    receiver.behave = behave
    webhook_id = queue(make_target(project, receiver.url))
    assert deliver(limits=LONG) == 2
    assert found(webhook_id).state == "delivered"
    assert attempts() == [(1, "interrupted"), (1, "status"), (2, "delivered")]


def test_who_goes_on_to_the_fallback_gets_the_time_for_it(project, receiver, other_receiver):
    claimed_until = []

    def read():
        return Beside(lambda: found(webhook_id).next_at).result()

    def first(request):
        claimed_until.append(read())
        return Reply(500)

    def fallback(request):
        """It is written just after the request was sent."""
        for _ in range(2000):
            if (until := read()) > claimed_until[0]:
                claimed_until.append(until)
                break
        return Reply(200)

    receiver.behave, other_receiver.behave = first, fallback
    webhook_id = queue(make_target(project, receiver.url, fallback_url=other_receiver.url))
    deliver(limits=LONG)
    assert len(claimed_until) == 2


class TestEndpointThatChangedMeanwhile:
    def answer(self, project, receiver, reply, **meanwhile):
        """The endpoint after an answer to what was sent before ``meanwhile`` was written."""

        def behave(request):
            Beside(lambda: WebhookEndpoint.objects.update(**meanwhile)).result()
            return reply

        receiver.behave = behave
        queue(make_target(project, receiver.url))
        assert deliver(limits=LONG) == 1
        return WebhookEndpoint.objects.get()

    def test_it_is_switched_off_once(self, project, receiver):
        off_at = timezone.now()
        endpoint = self.answer(project, receiver, Reply(410), off_at=off_at, off_reason="requested")
        assert (endpoint.off_at, endpoint.off_reason) == (off_at, "requested")
        assert not Job.objects.filter(kind=endpoints.OFF_MAIL).exists()

    def test_the_longest_wait_counts(self, project, receiver):
        not_before = timezone.now() + timedelta(hours=1)
        reply = Reply(503, headers={"Retry-After": "60"})
        assert self.answer(project, receiver, reply, not_before=not_before).not_before == not_before
