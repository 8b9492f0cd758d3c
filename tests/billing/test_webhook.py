"""The webhook's door: what is refused, and what an accepted event may do."""

import json
import time

import pytest

from billing.ledger import queries
from billing.payments.models import StripeEvent, TopUp
from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs
from sandbox.gateway.objects import view
from sandbox.gateway.webhooks import sign

pytestmark = pytest.mark.django_db
URL = "/payments/stripe/webhook"
SECRET = "whsec_test_current"


@pytest.fixture
def event(gateway, open_top_up):
    """A genuine event of a payment that was made."""
    gateway.gateway.pay(open_top_up("50.00").session_id)
    return view(gateway.deliveries.events[-1])


def send(client, body, signature):
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return client.post(URL, body, content_type="application/json", headers=headers)


def genuine(event):
    body = json.dumps(event)
    return body, sign(body, [SECRET])


def forged(name, event):
    """Body and signature of each kind of forgery."""
    body = json.dumps(event)
    match name:
        case "wrong secret":
            return body, sign(body, ["whsec_guessed_by_somebody"])
        case "stale":
            return body, sign(body, [SECRET], int(time.time()) - 301)
        case "future":
            return body, sign(body, [SECRET], int(time.time()) + 301 + 60)
        case "tampered body":
            return body.replace("5000", "500000"), sign(body, [SECRET])
        case "missing header":
            return body, None
        case "wrong mode":
            return genuine(event | {"livemode": True})
    raise AssertionError(name)


@pytest.mark.parametrize("name", ["wrong secret", "stale", "future", "tampered body", "missing header", "wrong mode"])
def test_forged_events_are_refused_and_leave_nothing(name, client, event, project):
    answer = send(client, *forged(name, event))
    assert answer.status_code == 400
    run_due_jobs()
    assert StripeEvent.objects.count() == Job.objects.filter(kind="payments.sync").count() == 0
    assert queries.balance(project.pk) == 0


@pytest.mark.parametrize(
    "signature",
    ["", "t=,v1=", "t=abc,v1=00", "t=1", "v1=00", "t=1,v1=é", "t=9" + "9" * 400 + ",v1=0", ",,,=", "t=²,v1=0"],
)
def test_nonsense_signatures_are_refused(signature, client, event):
    assert send(client, json.dumps(event), signature.encode().decode("latin-1")).status_code == 400


def test_a_body_that_is_not_utf8_is_refused(client, event):
    assert send(client, b"\xff\xfe", "t=1,v1=0").status_code == 400


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "1", '"x"', "{}", '{"id": 1}', "{", '{"id":"evt_1","type":"x","livemode":false}',
     '{"id":"evt_1","type":"x","livemode":false,"data":{"object":[]}}',
     '{"id":"evt_1","type":"x","livemode":"false","data":{"object":{}}}',
     '{"id":"evt_1","type":"' + "x" * 101 + '","livemode":false,"data":{"object":{}}}'],
)  # fmt: skip
def test_signed_nonsense_is_refused(body, client, gateway):
    assert send(client, body, sign(body, [SECRET])).status_code == 400
    assert not StripeEvent.objects.exists()


def test_deep_and_odd_bodies_do_not_break_anything(client, event):
    nul = event | {
        "id": "evt_\x00nul",
        "data": {"object": {"object": "checkout.session", "id": "cs_\x00", "metadata": []}},
    }
    assert send(client, *genuine(nul)).status_code == 200
    deep = "[" * 100_000
    assert send(client, deep, sign(deep, [SECRET])).status_code == 400


def test_a_body_that_is_too_large_is_not_read(client, gateway):
    assert send(client, "x" * (256 * 1024 + 1), "t=1,v1=0").status_code == 413


def test_only_post(client, gateway):
    assert client.get(URL).status_code == 405


def test_the_answer_comes_before_anything_is_booked(client, event, project):
    assert send(client, *genuine(event)).status_code == 200
    assert queries.balance(project.pk) == 0
    run_due_jobs()
    assert queries.balance(project.pk) == 50


def test_both_secrets_count_during_a_rotation(client, event):
    body = json.dumps(event)
    assert send(client, body, sign(body, ["whsec_test_previous"])).status_code == 200
    assert send(client, body, sign(body, ["whsec_unknown_to_us", SECRET])).status_code == 200


def test_an_unknown_type_is_taken_and_left_alone(client, event):
    assert send(client, *genuine(event | {"id": "evt_new", "type": "invoice.created"})).status_code == 200
    assert StripeEvent.objects.get().top_up_id is None
    assert not Job.objects.filter(kind="payments.sync").exists()


def test_an_event_of_somebody_elses_payment_books_nothing(client, event, project, caplog):
    """Another shop on the same gateway account: genuine signature, a reference that is not ours."""
    session = event["data"]["object"] | {
        "id": "cs_other", "payment_intent": "pi_other", "client_reference_id": "order-77", "metadata": {},
    }  # fmt: skip
    assert send(client, *genuine(event | {"data": {"object": session}})).status_code == 200
    run_due_jobs()
    assert "payments.unknown_reference" in caplog.text
    assert queries.balance(project.pk) == 0


def test_an_event_that_points_to_an_unpaid_top_up_books_nothing(client, event, open_top_up, project):
    """It says paid, in the name of another top-up; the gateway says otherwise."""
    unpaid = open_top_up("70.00")
    session = event["data"]["object"] | {"client_reference_id": str(unpaid.ref), "payment_intent": "pi_x", "id": "cs_x"}
    assert send(client, *genuine(event | {"id": "evt_lie", "data": {"object": session}})).status_code == 200
    run_due_jobs()
    unpaid.refresh_from_db()
    assert (unpaid.status, queries.balance(project.pk)) == ("open", 0)


NAMES = {
    "our reference": lambda top_up: {"object": "checkout.session", "client_reference_id": str(top_up.ref)},
    "our metadata": lambda top_up: {"object": "charge", "metadata": {"top_up": str(top_up.ref)}},
    "its session": lambda top_up: {"object": "checkout.session", "id": top_up.session_id},
    "its payment": lambda top_up: {"object": "payment_intent", "id": top_up.payment_intent},
    "its charge": lambda top_up: {"object": "charge", "id": "ch_x", "payment_intent": top_up.payment_intent},
}


@pytest.mark.parametrize("names", NAMES.values(), ids=list(NAMES))
def test_a_top_up_is_found_by_each_of_its_names(names, client, event):
    assert send(client, *genuine(event)).status_code == 200
    run_due_jobs()
    top_up = TopUp.objects.get()
    found = event | {"id": "evt_other", "type": "charge.updated", "data": {"object": names(top_up)}}
    assert send(client, *genuine(found)).status_code == 200
    assert StripeEvent.objects.get(pk="evt_other").top_up == top_up


def test_the_payers_personal_data_is_not_kept(client, event):
    send(client, *genuine(event))
    stored = json.dumps(StripeEvent.objects.get().payload)
    assert "@" not in stored
    assert "customer_details" not in stored


def test_a_session_whose_answer_got_lost_is_adopted_and_checked(client, gateway, event, project):
    TopUp.objects.update(session_id=None)
    send(client, *genuine(event))
    run_due_jobs()
    assert queries.balance(project.pk) == 50
