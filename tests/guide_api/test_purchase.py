"""POST /purchasenumber, guide tables 4–5."""

import json
from decimal import Decimal

import pytest

from billing.ledger import queries as ledger
from numbers.models import Lease, Number, Order
from projects.models import AuditEntry
from tests.support.inventory import make_number
from tests.support.leases import make_lease
from tests.support.regulations import make_regulation

pytestmark = pytest.mark.django_db
DID = "+12125550101"


def buy(client, keys, number=DID, **extra):
    headers = extra.pop("headers", {})
    return client.post("/purchasenumber", keys.sent | {"number": number, "action": "purchase"} | extra, headers=headers)


def form(values):
    return "&".join(f"{name}={value}" for name, value in values.items())


def test_a_form_body_buys(client, keys):
    make_number(DID, setup_price=Decimal("1.50"))
    body = form(keys.sent | {"number": DID, "action": "purchase"})  # the plus is sent as it is and arrives as a space
    response = client.post("/purchasenumber", body, content_type="application/x-www-form-urlencoded")
    lease = Lease.objects.get()
    assert response.status_code == 200
    assert response.content.decode() == (
        '{"status": "Success", "code": 200, "resp": {"number": "+12125550101", "state": "purchased", '
        f'"setup_cost": 1.5000, "monthly_cost": 2.0000, "order_id": "{lease.pk}"}}}}'
    )
    assert lease.project == keys.project
    assert ledger.balance(keys.project.pk) == Decimal("96.50")
    entry = AuditEntry.objects.get(action="number.purchased")
    assert (entry.actor_kind, entry.actor_label) == ("token", f"API token …{keys.token[-4:]} of {keys.pid}")
    assert entry.ip == "127.0.0.1"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charser=UTF-8",
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-9",
    ],
)
def test_a_json_body_buys_whatever_it_is_called(client, keys, content_type):
    make_number(DID)
    body = json.dumps(keys.sent | {"number": DID, "action": "purchase"})
    assert client.generic("POST", "/purchasenumber", body, content_type).status_code == 200


def test_a_multipart_body_buys(client, keys):
    make_number(DID)
    assert buy(client, keys).status_code == 200


def test_a_form_in_another_spelling_of_utf_8(client, keys):
    make_number(DID)
    response = client.generic(
        "POST",
        "/purchasenumber",
        form(keys.sent | {"number": DID, "action": "purchase"}),
        "application/x-www-form-urlencoded; charset=utf8",
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "number",
    [
        "+12125550101",
        "12125550101",
        " 12125550101",
        "+1 212-555-0101",
        "1 (212) 555.0101",
        "0012125550101",
        "\n+12125550101\n",
        12125550101,
    ],
)
def test_any_usual_form_of_a_number(client, keys, number):
    make_number(DID)
    body = json.dumps(keys.sent | {"number": number, "action": "purchase"})
    response = client.generic("POST", "/purchasenumber", body, "application/json")
    assert (response.status_code, response.json()["resp"]["number"]) == (200, DID)


@pytest.mark.parametrize(
    "number",
    [
        "2125550101x",
        "abc",
        "+",
        "+1",
        "+0123456789",
        "1" * 20,
        "+1212555O1O1",
        "+12125550101 ext. 5",
        "02125550101",
        "+1212555010112345",
        "🙂",
    ],
)
def test_what_is_no_number_is_400(client, keys, number):
    response = buy(client, keys, number)
    assert (response.status_code, response.json()["field"]) == (400, "number")


def test_a_number_that_needs_documents_is_ordered(client, keys):
    make_number(DID, docs_required=True)
    response = buy(client, keys)
    order = Order.objects.get()
    assert response.status_code == 202
    assert response.json() == {
        "status": "Success",
        "code": 202,
        "resp": {"number": DID, "state": "ordered", "setup_cost": 1.0, "monthly_cost": 2.0, "order_id": str(order.ref)},
    }
    assert Number.objects.get().status == "held"
    assert not Lease.objects.exists()
    again = buy(client, keys)
    assert (again.status_code, again.json()["error"]) == (409, "number_already_yours")
    assert ledger.held(keys.project.pk) == 3


def test_an_order_by_a_program_is_for_the_holder_of_the_last_one(client, keys):
    """The call says nothing of a holder; what is asked for stands on the order's page and in the mail."""
    make_regulation("US", "business", lines=["registration"])
    make_regulation("US", "individual", lines=["passport"])
    make_number(DID, docs_required=True)
    assert buy(client, keys).json()["resp"]["state"] == "ordered"
    order = Order.objects.get()
    assert (order.holder, order.status, order.requirements.get().title) == ("business", "ordered", "Registration")
    Order.objects.update(holder="individual")
    make_number("+12125550102", docs_required=True)
    assert buy(client, keys, number="+12125550102").status_code == 202
    assert Order.objects.latest("id").requirements.get().title == "Passport"


def test_not_enough_credit_says_how_much_is_missing(client, keys):
    make_number(DID, setup_price=Decimal("99.00"), monthly_price=Decimal("2.25"))
    response = buy(client, keys)
    assert response.status_code == 402
    assert (response.json()["error"], response.json()["missing"]) == ("insufficient_credit", 1.25)
    assert ledger.balance(keys.project.pk) == 100
    assert Number.objects.get().status == "available"


def test_taken_unknown_and_archived(client, keys):
    assert (buy(client, keys).status_code, buy(client, keys).json()["error"]) == (404, "number_unknown")
    make_lease()
    response = buy(client, keys)
    assert (response.status_code, response.json()["error"], response.json()["status"]) == (
        409,
        "number_taken",
        "Conflict",
    )
    keys.project.status = "archived"
    keys.project.save()
    assert (buy(client, keys).status_code, buy(client, keys).json()["error"]) == (409, "project_archived")


def test_buying_again_charges_nothing(client, keys):
    make_number(DID)
    assert buy(client, keys).status_code == 200
    again = buy(client, keys)
    assert (again.status_code, again.json()["error"]) == (409, "number_already_yours")
    assert ledger.balance(keys.project.pk) == 97
    assert Lease.objects.count() == 1


def test_an_idempotency_key_gives_the_same_answer_again(client, keys):
    make_number(DID)
    make_number("+12125550102")
    first, second = (buy(client, keys, headers={"Idempotency-Key": "order-7"}) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert ledger.balance(keys.project.pk) == 97
    other = buy(client, keys, "+12125550102", headers={"Idempotency-Key": "order-7"})
    assert (other.status_code, other.json()["error"]) == (409, "purchase_key_reused")
    assert Number.objects.get(e164="+12125550102").status == "available"
    for bad in ("x" * 81, "a b", "ä"):
        assert buy(client, keys, headers={"Idempotency-Key": bad}).status_code == 400
    longest = buy(client, keys, "+12125550102", headers={"Idempotency-Key": "x" * 80})
    assert longest.status_code == 200


def test_an_idempotency_key_gives_the_same_order_again(client, keys):
    make_number(DID, docs_required=True)
    make_number("+12125550102", docs_required=True)
    make_number("+12125550103")
    key = {"Idempotency-Key": "order-8"}
    first, second = (buy(client, keys, headers=key) for _ in range(2))
    assert (first.status_code, first.content) == (202, second.content)
    for other in ("+12125550102", "+12125550103"):
        refused = buy(client, keys, other, headers=key)
        assert (refused.status_code, refused.json()["error"]) == (409, "purchase_key_reused"), other
    assert Order.objects.count() == 1
    assert ledger.held(keys.project.pk) == 3
