"""A gateway that hangs, drips or hangs up: a job is back within the limit, a request never waits for it."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.payments import checkout, reconcile
from billing.payments import gateway as module
from billing.payments.models import TopUp
from portal.core import deadline
from portal.core.breaker import FAILURES, ServiceUnavailable
from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs, run_next
from tests.billing.test_credits_page import add
from tests.ops.slow_servers import deaf, drip, serving, silent
from tests.ops.test_deadline import LIMIT, back_in_time

pytestmark = pytest.mark.django_db
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def after_request(answer, then=silent):
    """Reads the request, answers a part and goes on with ``then``."""

    def talk(line, over):
        line.recv(65536)
        line.sendall(answer)
        then(line, over)

    return talk


WAYS = {
    "silent": silent,
    "half a line": after_request(b"HTTP/1.1 2"),
    "drips its head": after_request(OK + b"X-Long: ", drip),
    "drips headers": after_request(OK, partial(drip, what=b"X-A: b\r\n")),
    "drips its body": after_request(OK + b"Content-Length: 9999\r\n\r\n", drip),
    "drips chunks": after_request(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", silent),
    "never ends": after_request(OK + b"\r\n", drip),
    "hangs up at once": lambda line, over: None,
    "hangs up half-way": after_request(OK + b'Content-Length: 9999\r\n\r\n{"id": ', lambda line, over: None),
    "no JSON": after_request(OK + b"Content-Length: 4\r\n\r\n<ht>"),
    "drips before the handshake": drip,
}


@pytest.fixture
def slow(settings, gateway, monkeypatch):
    """``slow(port)``: the portal's gateway is at that port; the total time is short."""
    monkeypatch.setattr(deadline, "TOTAL_SECONDS", LIMIT)

    def at(port):
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{port}"

    return at


@pytest.mark.parametrize("way", WAYS)
def test_whatever_it_does_the_caller_is_back_in_time(way, slow):
    with serving(WAYS[way]) as port:
        slow(port)
        with back_in_time(), pytest.raises(module.GatewayUnavailable):
            module.fetch("cs_test_1")


def test_one_that_nobody_gets_through_to(slow, monkeypatch):
    monkeypatch.setattr(deadline, "CONNECT_SECONDS", LIMIT)
    with deaf() as port:
        slow(port)
        with back_in_time(), pytest.raises(module.GatewayUnavailable):
            module.fetch("cs_test_1")


def test_a_payment_with_refunds_and_disputes_is_one_operation(slow, monkeypatch):
    """Not five seconds for each of its requests."""
    answers = iter([
        b'{"id": "cs_1", "object": "checkout.session", "status": "complete", "livemode": false, "payment_intent": '
        b'{"id": "pi_1", "object": "payment_intent", "latest_charge": {"id": "ch_1", "object": "charge", '
        b'"amount_refunded": 5, "disputed": true}}}',
    ])  # fmt: skip
    seen = []

    def talk(line, over):
        for _ in iter(lambda: line.recv(65536), b""):
            seen.append(time.monotonic())
            body = next(answers, None)
            if body is None:
                return silent(line, over)
            over.wait(LIMIT / 2)
            line.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    with serving(talk) as port:
        slow(port)
        with back_in_time(), pytest.raises(module.GatewayUnavailable):
            module.fetch("cs_1")
    assert len(seen) == 2  # the session, then the refunds; no third try


def test_a_dead_connection_that_was_kept_costs_no_failure(gateway, open_top_up):
    """A gateway closes idle connections; the next request finds out while it writes."""
    top_up = open_top_up()
    gateway.api.faults[:] = ["refuse"]
    assert module.fetch(top_up.session_id).session_status == "open"


def test_reconciliation_stops_when_the_breaker_opens(slow, gateway, open_top_up):
    for _ in range(8):
        open_top_up()
    accepted = []

    def talk(line, over):
        accepted.append(line)
        silent(line, over)

    with serving(talk) as port:
        slow(port)
        with back_in_time(FAILURES * LIMIT):
            done = reconcile.run(now=timezone.now() + timedelta(minutes=2))
        assert (done.top_ups, done.events) == (0, 0)
        with pytest.raises(ServiceUnavailable), back_in_time(0):
            module.fetch("cs_test_1")
        before = len(accepted)
        reconcile.run(now=timezone.now() + timedelta(minutes=3))
        assert len(accepted) == before <= FAILURES


def test_reconciliation_stops_after_its_time(gateway, open_top_up):
    for _ in range(3):
        open_top_up()
    assert reconcile.run(now=timezone.now() + timedelta(minutes=2), seconds=0).top_ups == 0


def test_one_that_is_refused_each_time_does_not_keep_the_others_back(gateway, open_top_up):
    good = [open_top_up() for _ in range(reconcile.GIVE_UP_AFTER + 2)][-1]
    refused = TopUp.objects.exclude(pk=good.pk)
    refused.update(session_id=None)
    for top_up in refused:
        TopUp.objects.filter(pk=top_up.pk).update(session_id=f"cs/{top_up.pk}")
    gateway.gateway.pay(good.session_id)
    for minutes in (2, 3, 4):
        reconcile.run(now=timezone.now() + timedelta(minutes=minutes))
    good.refresh_from_db()
    assert good.status == "paid"


@pytest.fixture
def real_gateway(gateway, settings):
    """The sandbox gateway as a process of its own, which can be stopped."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.gateway", "--webhook-url", "http://127.0.0.1:9/hook"],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"SANDBOX_WEBHOOK_SECRET": "whsec_test_current"},
    )  # fmt: skip
    settings.STRIPE_API_BASE = process.stdout.readline().split()[-1]
    yield process
    process.send_signal(signal.SIGCONT)
    process.terminate()
    process.wait(10)
    process.stdout.close()


def test_stopped_it_holds_up_no_request_and_a_job_no_longer_than_five_seconds(real_gateway, browser, project):
    add(browser, project)
    run_due_jobs()  # everything is loaded, and a connection to the gateway is open
    paid = TopUp.objects.get()
    assert paid.checkout_url
    real_gateway.send_signal(signal.SIGSTOP)
    pages = [
        lambda: add(browser, project, amount="60.00"),
        lambda: browser.get(reverse("billing:credits", args=[project.pid])),
        lambda: browser.get(reverse("billing:opening", args=[project.pid, TopUp.objects.latest("id").ref])),
        lambda: browser.post(reverse("billing:opening", args=[project.pid, TopUp.objects.latest("id").ref])),
        lambda: browser.get(reverse("billing:return", args=[project.pid, paid.ref])),
        lambda: browser.get(reverse("billing:cancelled", args=[project.pid, paid.ref])),
    ]
    for page in pages:
        with back_in_time(0):
            assert page().status_code < 400
    started = time.monotonic()
    run_next()
    assert deadline.TOTAL_SECONDS - 0.5 < time.monotonic() - started < deadline.TOTAL_SECONDS + 2
    job = Job.objects.get(key=checkout.job_key(TopUp.objects.latest("id")))
    assert (job.state, job.attempts) == ("queued", 1)
    assert "GatewayUnavailable" in job.last_error
    real_gateway.send_signal(signal.SIGCONT)
    browser.post(reverse("billing:opening", args=[project.pid, TopUp.objects.latest("id").ref]))
    run_due_jobs()
    assert TopUp.objects.latest("id").checkout_url
