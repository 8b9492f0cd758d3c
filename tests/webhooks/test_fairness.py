"""Whose turn it is: no receiver and no project holds up another, however much waits for it."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from projects.models import WebhookDelivery, WebhookEndpoint
from projects.webhooks import claiming, dispatcher, queueing, tasks
from projects.webhooks.models import DeliveryKind
from projects.webhooks.queueing import NewDelivery
from tests.support.crowd import Beside
from tests.support.receivers import Reply
from tests.support.webhooks import deliver, make_target, queue

pytestmark = pytest.mark.django_db


def backlog(target, count, *, minutes=10):
    """Waits since some minutes ago."""
    now = timezone.now() - timedelta(minutes=minutes)
    new = [
        NewDelivery(f"{target.pk}-{each}", target.project_id, target.pk, DeliveryKind.EVENT, {"message": "x"})
        for each in range(count)
    ]
    queueing.enqueue(new, now=now)


def claim(limit=100):
    return claiming.claim(limit=limit, now=timezone.now() + timedelta(seconds=1))


def by_endpoint(claimed):
    found = {}
    for each in claimed:
        found[each.first.url] = found.get(each.first.url, 0) + 1
    return found


@pytest.fixture
def targets(project):
    return [make_target(project, f"https://{name}.example:443/") for name in ("a", "b", "c")]


class TestClaims:
    def test_everybodys_first_comes_before_anybodys_second(self, targets, settings):
        settings.WEBHOOKS_PER_ENDPOINT = 10
        backlog(targets[0], 50)
        queue(targets[1])
        queue(targets[2])
        assert set(by_endpoint(claim(limit=3))) == {each.endpoint.url for each in targets}

    def test_an_endpoint_gets_so_many_at_once_whatever_waits(self, targets, settings):
        settings.WEBHOOKS_PER_ENDPOINT = 4
        backlog(targets[0], 50)
        assert by_endpoint(claim()) == {targets[0].endpoint.url: 4}
        assert claim() == []
        queue(targets[1])
        assert by_endpoint(claim()) == {targets[1].endpoint.url: 1}

    def test_two_numbers_with_one_url_share_its_turn(self, project, settings):
        settings.WEBHOOKS_PER_ENDPOINT = 4
        for _ in range(3):
            backlog(make_target(project, "https://a.example:443/"), 10)
        assert WebhookEndpoint.objects.count() == 1
        assert len(claim()) == 4

    def test_a_project_gets_so_many_at_once(self, targets, other_project, settings):
        settings.WEBHOOKS_PER_ENDPOINT, settings.WEBHOOKS_PER_PROJECT = 10, 5
        for each in targets:
            backlog(each, 10)
        other = make_target(other_project, "https://a.example:443/")
        backlog(other, 3, minutes=1)
        claimed = claim()
        assert sorted(each.project_id == other.project_id for each in claimed) == [False] * 5 + [True] * 3
        assert len(by_endpoint([each for each in claimed if each.project_id != other.project_id])) == 3
        assert claim() == []  # while they are on their way

    def test_a_test_comes_before_what_waits_and_goes_to_an_endpoint_that_is_off(self, targets, receiver, project):
        target = make_target(project, receiver.url)
        backlog(target, 5)
        now = timezone.now()
        WebhookEndpoint.objects.filter(pk=target.endpoint_id).update(
            off_at=now, off_reason="gone", not_before=now + timedelta(hours=1)
        )
        queue(target, DeliveryKind.TEST, webhook_id="try")
        deliver()
        assert [each.headers["webhook-id"] for each in receiver.received] == ["try"]

    def test_the_queue_is_stepped_through_and_not_read(self, targets):
        """With 20,000 that wait for one of them."""
        backlog(targets[0], 20_000)
        queue(targets[1])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE projects_webhookdelivery")
            cursor.execute(
                "EXPLAIN (ANALYZE, BUFFERS OFF, FORMAT JSON) " + claiming.CLAIM,
                {
                    "now": timezone.now() + timedelta(seconds=1), "until": timezone.now(), "limit": 50, "timeouts": 2,
                    "per_endpoint": 10, "per_project": 50,
                },
            )  # fmt: skip
            plan = cursor.fetchone()[0]
        assert most_rows(json.loads(plan) if isinstance(plan, str) else plan) < 200


def most_rows(plan):
    """The most rows that one node of a plan gave, all its loops together."""
    nodes, most = [plan[0]["Plan"]], 0
    while nodes:
        node = nodes.pop()
        most = max(most, node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0))
        nodes += node.get("Plans", [])
    return most


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_several_dispatchers_send_each_once(project, receiver):
    target = make_target(project, receiver.url)
    backlog(target, 60)
    for each in [Beside(deliver) for _ in range(3)]:
        each.result()
    assert len(receiver.received) == 60
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 60
    assert not WebhookDelivery.objects.exclude(state="delivered").exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestOneInAProcess:
    def test_who_comes_second_lets_the_first_look_again(self, project, receiver):
        """The first waits for an answer; what is queued meanwhile is sent by it."""
        target, release, taken = make_target(project, receiver.url), threading.Event(), threading.Event()

        def behave(request):
            if request.headers["webhook-id"] == "slow":
                taken.set()
                release.wait(30)
            else:
                release.set()
            return Reply()

        receiver.behave = behave
        queue(target, webhook_id="slow")
        first = Beside(dispatcher.dispatch)
        assert taken.wait(30)
        queue(target, webhook_id="second")
        assert Beside(dispatcher.dispatch).result() == 0
        assert first.result() == 2
        assert {each.headers["webhook-id"] for each in receiver.received} == {"slow", "second"}

    def test_a_worker_that_is_to_end_takes_up_nothing_new(self, project, receiver):
        target = make_target(project, receiver.url)
        queue(target, webhook_id="first")

        def behave(request):
            dispatcher.stop()
            return Reply()

        receiver.behave = behave
        ending = Beside(tasks.deliver)
        ending.result()
        assert WebhookDelivery.objects.get(webhook_id="first").state == "delivered"
        queue(target, webhook_id="second")
        receiver.answers(200)
        tasks.deliver()
        assert [each.headers["webhook-id"] for each in receiver.received] == ["first", "second"]

    def test_with_nothing_to_do_no_thread_is_started(self, project, receiver):
        queue(make_target(project, receiver.url), now=timezone.now() + timedelta(hours=1))
        before, started = threading.active_count(), []
        threading.settrace(lambda frame, *_: started.append(frame.f_code.co_name))
        try:
            assert dispatcher.dispatch() == 0
        finally:
            threading.settrace(None)
        assert (threading.active_count(), started) == (before, [])
