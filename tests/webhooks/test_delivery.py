"""What is delivered, how it is signed, and what an answer means: over real sockets."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from projects.models import WebhookAttempt, WebhookEndpoint
from projects.webhooks import secrets, signing
from tests.support.webhooks import deliver, due_now, found, make_target, queue

pytestmark = pytest.mark.django_db

MESSAGE = {"source": "+123456789", "destination": "+1987654321", "message": "test message"}
ENVELOPE = {"status": "Success", "resp": {" xxxx-xxxx-xxx-xxxxxx ": "DELIVRD"}, "code": 200}


def tries(webhook_id):
    rows = WebhookAttempt.objects.filter(delivery__webhook_id=webhook_id).order_by("id")
    return [(each.number, each.is_fallback, each.result, each.status) for each in rows]


class TestRequest:
    def test_post_sends_json_in_the_words_of_the_guide(self, project, receiver):
        queue(make_target(project, receiver.url), **MESSAGE)
        deliver()
        (request,) = receiver.received
        assert (request.method, request.path) == ("POST", "/in")
        assert list(request.parameters.items()) == [("request", "incoming-sms"), *MESSAGE.items()]
        assert request.headers["content-type"] == "application/json"

    def test_get_sends_query_parameters_behind_those_of_the_url(self, project, receiver):
        queue(make_target(project, receiver.at("/in?key=a%20b"), method="GET"), **MESSAGE)
        deliver()
        (request,) = receiver.received
        assert (request.method, request.body) == ("GET", b"")
        assert request.parameters == {"key": "a b", "request": "incoming-sms", **MESSAGE}

    @pytest.mark.parametrize("method", ["POST", "GET"])
    def test_signature_covers_what_was_sent(self, project, receiver, method):
        webhook_id = queue(make_target(project, receiver.at("/in?key=1"), method=method), **MESSAGE)
        deliver()
        (request,) = receiver.received
        signed = request.body if method == "POST" else request.path.partition("?")[2].encode()
        (secret,) = secrets.signing_keys([project.pk], timezone.now())[project.pk]
        stamp = int(request.headers["webhook-timestamp"])
        assert request.headers["webhook-id"] == webhook_id
        assert request.headers["webhook-signature"] == signing.sign(secret, webhook_id, stamp, signed)
        assert abs(timezone.now().timestamp() - stamp) < 60

    def test_rotation_sends_both_signatures_until_the_former_ends(self, project, receiver, by):
        target, now = make_target(project, receiver.url), timezone.now()
        (old,) = secrets.current(project, now)
        secrets.rotate(project=project, replaces=old.pk, by=by, now=now)
        queue(target)
        deliver()
        secrets.end_former(project=project, by=by, now=now)
        queue(target)
        deliver()
        both, one = (each.headers["webhook-signature"].split(" ") for each in receiver.received)
        assert len(both) == 2
        assert len(one) == 1
        assert len({*both, *one}) == 3


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (200, "", "delivered"),
        (204, "", "delivered"),
        (202, "thanks", "delivered"),
        (200, "<html>ok</html>", "delivered"),
        (200, '{"ok": true}', "delivered"),
        (200, '{"status": "ok"}', "delivered"),
        (200, "{broken", "delivered"),
        (200, json.dumps(ENVELOPE), "delivered"),
        (200, json.dumps(ENVELOPE | {"resp": {"a": "delivrd"}}), "delivered"),
        (200, '{"status": "Success", "code": 200}', "delivered"),
        (200, json.dumps(ENVELOPE | {"code": 400}), "envelope"),
        (200, json.dumps(ENVELOPE | {"code": "500"}), "envelope"),
        (200, '{"status": "Failed", "code": 401}', "envelope"),
        (200, '{"status": "Failed", "code": 200}', "envelope"),
        (200, json.dumps(ENVELOPE | {"resp": {"a": "UNDELIV"}}), "envelope"),
        (200, json.dumps(ENVELOPE | {"resp": {"a": "DELIVRD", "b": "UNDELIV"}}), "envelope"),
        (200, '{"resp": ' + "[" * 60_000, "delivered"),
        (301, "", "redirect"),
        (404, "", "status"),
        (500, json.dumps(ENVELOPE), "status"),
    ],
)
def test_what_an_answer_means(project, receiver, status, body, result):
    receiver.answers(status, body, Location="/elsewhere")
    webhook_id = queue(make_target(project, receiver.url))
    deliver()
    assert tries(webhook_id) == [(1, False, result, status)]
    assert found(webhook_id).state == ("delivered" if result == "delivered" else "queued")
    assert len(receiver.received) == 1  # no redirect is followed


class TestRetries:
    DELAYS = [5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600]

    def test_nine_attempts_with_growing_pauses_and_one_id(self, project, receiver):
        receiver.answers(500)
        webhook_id = queue(make_target(project, receiver.url))
        for number, delay in enumerate([*self.DELAYS, None], 1):
            before = timezone.now()
            deliver()
            row = found(webhook_id)
            assert row.attempts == number
            if delay is None:
                assert (row.state, row.next_at) == ("failed", None)
            else:
                wait = (row.next_at - before).total_seconds()
                assert 0.9 * delay <= wait <= 1.1 * delay + 10
            due_now()
        assert deliver() == 0
        assert {each.headers["webhook-id"] for each in receiver.received} == {webhook_id}
        assert len(receiver.received) == 9

    @pytest.mark.parametrize("status", [429, 503])
    def test_retry_after_is_obeyed_for_all_that_waits_for_the_endpoint(self, project, receiver, status):
        receiver.answers(status, Retry_After="120")
        target = make_target(project, receiver.url)
        first = queue(target)
        deliver()
        assert 100 < (found(first).next_at - timezone.now()).total_seconds() <= 120
        second = queue(target)
        assert deliver() == 0
        assert found(second).attempts == 0

    def test_retry_after_of_another_status_says_nothing(self, project, receiver):
        receiver.answers(500, Retry_After="120")
        webhook_id = queue(make_target(project, receiver.url))
        deliver()
        assert (found(webhook_id).next_at - timezone.now()).total_seconds() < 10

    def test_a_time_out_is_a_failure(self, project, receiver):
        receiver.hangs()
        webhook_id = queue(make_target(project, receiver.url))
        deliver()
        assert tries(webhook_id) == [(1, False, "timeout", None)]

    def test_what_was_claimed_by_a_worker_that_died_is_sent_again_and_the_log_says_so(self, project, receiver):
        from projects.webhooks import claiming

        webhook_id = queue(make_target(project, receiver.url))
        assert len(claiming.claim(limit=10, now=timezone.now())) == 1
        assert deliver() == 0  # it may still be on its way
        due_now()
        deliver()
        assert tries(webhook_id) == [(1, False, "interrupted", None), (2, False, "delivered", 200)]


class TestFallback:
    def test_the_fallback_is_tried_when_the_first_has_failed(self, project, receiver, other_receiver):
        receiver.answers(500)
        webhook_id = queue(make_target(project, receiver.url, fallback_url=other_receiver.url))
        deliver()
        assert tries(webhook_id) == [(1, False, "status", 500), (1, True, "delivered", 200)]
        assert found(webhook_id).state == "delivered"
        assert other_receiver.received[0].headers["webhook-id"] == webhook_id

    def test_it_gets_nothing_that_the_first_took_or_cancelled(self, project, receiver, other_receiver):
        target = make_target(project, receiver.url, fallback_url=other_receiver.url)
        queue(target)
        deliver()
        receiver.answers(500, webhook_delivery="Abort-Message ")
        webhook_id = queue(target)
        deliver()
        assert (len(receiver.received), other_receiver.received) == (2, [])
        assert found(webhook_id).state == "cancelled"

    def test_both_fail_and_both_are_tried_again(self, project, receiver, other_receiver):
        receiver.answers(500)
        other_receiver.answers(404)
        webhook_id = queue(make_target(project, receiver.url, fallback_url=other_receiver.url))
        deliver()
        assert found(webhook_id).state == "queued"
        due_now()
        deliver()
        assert [number for number, *_ in tries(webhook_id)] == [1, 1, 2, 2]


class TestSwitchedOff:
    def test_410_switches_the_endpoint_off_and_nothing_is_sent_any_more(self, project, receiver):
        receiver.answers(410)
        target = make_target(project, receiver.url)
        first = queue(target)
        deliver()
        endpoint = WebhookEndpoint.objects.get()
        assert (endpoint.off_reason, found(first).state) == ("gone", "queued")
        receiver.answers(200)
        due_now()
        second = queue(target)
        deliver()
        assert len(receiver.received) == 1
        assert {found(first).state, found(second).state} == {"failed"}

    def test_the_answer_may_ask_for_it(self, project, receiver):
        receiver.answers(200, webhook_delivery="disable")
        webhook_id = queue(make_target(project, receiver.url))
        deliver()
        assert (WebhookEndpoint.objects.get().off_reason, found(webhook_id).state) == ("requested", "delivered")

    def test_the_answer_may_cancel_one_message(self, project, receiver):
        receiver.answers(400, webhook_delivery="abort-message")
        webhook_id = queue(make_target(project, receiver.url))
        deliver()
        assert (found(webhook_id).state, WebhookEndpoint.objects.get().off_at) == ("cancelled", None)

    def test_the_fallback_takes_over_from_an_endpoint_that_is_off(self, project, receiver, other_receiver):
        target = make_target(project, receiver.url, fallback_url=other_receiver.url)
        WebhookEndpoint.objects.filter(url=receiver.url).update(off_at=timezone.now(), off_reason="gone")
        queue(target)
        deliver()
        assert (len(receiver.received), len(other_receiver.received)) == (0, 1)


class TestHealth:
    def test_any_success_ends_a_failure(self, project, receiver):
        receiver.answers(500)
        webhook_id = queue(make_target(project, receiver.url))
        deliver()
        assert WebhookEndpoint.objects.get().failing_since is not None
        receiver.answers(200)
        due_now(webhook_id)
        deliver()
        assert WebhookEndpoint.objects.get().failing_since is None

    def test_an_endpoint_that_keeps_timing_out_gets_one_at_a_time(self, project, receiver, settings):
        settings.WEBHOOKS_PER_ENDPOINT = 5
        from projects.webhooks import claiming

        target = make_target(project, receiver.url)
        for _ in range(8):
            queue(target)
        now = timezone.now() + timedelta(seconds=1)
        assert len(claiming.claim(limit=100, now=now)) == 5
        assert claiming.claim(limit=100, now=now) == []
        later = now + claiming.CLAIMED_FOR + timedelta(seconds=1)
        WebhookEndpoint.objects.update(timeouts=2, failing_since=now, last_failure_at=now)
        assert len(claiming.claim(limit=100, now=later)) == 1
        assert claiming.claim(limit=100, now=later) == []
