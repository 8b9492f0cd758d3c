"""The row of a wallet in somebody's hands: what needs it says "busy" within the process's own limit, half-done nothing;
what does not need it goes on."""

import json
from decimal import Decimal

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from billing.ledger import queries
from billing.payments import gateway as module
from billing.payments.models import TopUp
from billing.payments.services import sync
from numbers.compliance.ordering import place_order
from numbers.models import Lease
from numbers.orders.closing import cancel_order
from numbers.orders.services import purchase
from numbers.renewals import project_lock
from portal.jobs.outbox import run_due_jobs
from sandbox.gateway.objects import view
from sandbox.gateway.webhooks import sign
from tests.billing.test_credits_page import add
from tests.faults.workers import held
from tests.support.crowd import at_once
from tests.support.inventory import LONDON, make_number
from tests.support.people import actor, browser_of
from tests.support.refusals import traces
from tests.support.regulations import make_regulation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def impatient():
    """As a process for people: a lock that does not come in 100 ms is given up."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def wallet_of(project):
    return held("SELECT id FROM billing_account WHERE project_id = %s AND kind = 'wallet' FOR UPDATE", project.pk)


def refused_as_busy(act):
    before = traces()
    with pytest.raises(OperationalError) as caught:
        act()
    assert caught.value.__cause__.sqlstate == "55P03"  # lock_not_available
    assert traces() == before


def buying(project, e164):
    return lambda: purchase(project=project, e164=e164, by=actor(project.created_by), purchase_key="form-1",
                            now=timezone.now(), expected_total=None)  # fmt: skip


def test_a_purchase(project, impatient):
    number = make_number()
    with wallet_of(project):
        refused_as_busy(buying(project, number.e164))
    buying(project, number.e164)()
    assert Lease.objects.count() == 1


def test_an_order_and_its_end(project, impatient):
    make_regulation("GB", lines=["address_proof"])
    number = make_number("+442079460100", **LONDON, docs_required=True)

    def order():
        return place_order(project=project, e164=number.e164, by=actor(project.created_by), purchase_key="form-1",
                           now=timezone.now(), expected_total=None)  # fmt: skip

    with wallet_of(project):
        refused_as_busy(order)
    placed = order()
    with wallet_of(project):
        refused_as_busy(lambda: cancel_order(order=placed, by=actor(project.created_by), now=timezone.now()))
    cancel_order(order=placed, by=actor(project.created_by), now=timezone.now())
    assert (queries.balance(project.pk), queries.held(project.pk)) == (Decimal(100), 0)


def test_adding_credits_needs_no_wallet_until_they_are_booked(project, impatient, gateway):
    browser = browser_of(project.created_by)
    with wallet_of(project):
        answer = add(browser, project)
        assert answer.status_code == 303
        run_due_jobs()
        assert "data-forward" in browser.get(answer["Location"]).content.decode()
        top_up = TopUp.objects.get()
        gateway.gateway.pay(top_up.session_id)
        refused_as_busy(lambda: sync(top_up_id=top_up.pk, now=timezone.now()))
    assert sync(top_up_id=top_up.pk, now=timezone.now()).status == "paid"
    assert queries.balance(project.pk) == 150


def test_an_event_does_not_wait_for_a_job_that_asks_the_gateway(project, gateway, client, monkeypatch):
    """The job keeps the top-up's row while it asks; the event refers to that row."""
    add(browser_of(project.created_by), project)
    run_due_jobs()
    top_up = TopUp.objects.get()
    gateway.gateway.pay(top_up.session_id)
    fetch, statuses = module.fetch, []

    def activate():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        return [_deliver(client, gateway, event) for event in gateway.deliveries.undelivered()]

    def watched(session_id):
        statuses.extend(at_once([activate]))
        return fetch(session_id)

    monkeypatch.setattr(module, "fetch", watched)
    sync(top_up_id=top_up.pk, now=timezone.now())
    assert statuses == [[200, 200]]


def _deliver(client, gateway, event):
    body = json.dumps(view(event))
    header = sign(body, gateway.deliveries.secrets)
    return client.post("/payments/stripe/webhook", body, content_type="application/json",
                       headers={"Stripe-Signature": header}).status_code  # fmt: skip


def test_a_project_lock_is_waited_for_no_longer_than_the_process_allows(project, impatient):
    with transaction.atomic(), connection.cursor() as cursor:
        project_lock.wait_for_lock(project.pk, timeout="3s")
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("100ms",)
        cursor.execute("SET LOCAL lock_timeout = 0")
        project_lock.wait_for_lock(project.pk, timeout="3s")
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)
