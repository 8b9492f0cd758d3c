from decimal import Decimal

import pytest
from django.utils import timezone

from billing.payments.checkout import new_form_token, start_top_up
from billing.payments.models import TopUp
from portal.jobs.outbox import run_due_jobs
from tests.support.people import actor, browser_of


@pytest.fixture
def starting_credit():
    return None


@pytest.fixture
def browser(owner):
    return browser_of(owner)


@pytest.fixture
def open_top_up(gateway, project, owner):
    """A top-up whose payment page is open: as after "Add", before paying."""

    def open_one(amount="50.00", *, in_project=None, now=None) -> TopUp:
        top_up = start_top_up(
            project=in_project or project, amount=Decimal(amount), form_token=new_form_token(), by=actor(owner),
            email=owner.email, return_to="", now=now or timezone.now(),
        )  # fmt: skip
        run_due_jobs()
        top_up.refresh_from_db()
        return top_up

    return open_one


@pytest.fixture
def activate(gateway, client):
    """Hands events to the webhook through Django's test client, and runs the jobs they queue."""
    import json

    from sandbox.gateway.objects import view
    from sandbox.gateway.webhooks import sign

    def deliver(events=None, *, run=True) -> list[int]:
        statuses = []
        for event in list(gateway.deliveries.undelivered() if events is None else events):
            body = json.dumps(view(event))
            answer = client.post(
                "/payments/stripe/webhook", body, content_type="application/json",
                headers={"Stripe-Signature": sign(body, gateway.deliveries.secrets)},
            )  # fmt: skip
            event["_delivered"] = answer.status_code == 200
            statuses.append(answer.status_code)
            if run:
                run_due_jobs()
        return statuses

    return deliver


def intent_of(gateway, top_up) -> str:
    return gateway.gateway.store.get(top_up.session_id)["payment_intent"]
