"""Many buyers, one number; many numbers, one wallet. And the proof that without the lock it would go wrong."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest
from django.db import connection, transaction

from billing.ledger import integrity
from billing.ledger import queries as ledger
from billing.ledger.models import Transfer
from numbers.compliance import ordering
from numbers.models import Lease, LeaseCharge, Number, Order
from numbers.orders import closing
from numbers.orders import purchase as statement
from portal.jobs.models import Job
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project
from tests.support import table_owner
from tests.support.crowd import PATIENCE, Beside, at_once, tally, wait_until_it_waits
from tests.support.inventory import make_number
from tests.support.people import make_user
from tests.support.projects import fund, make_project
from tests.support.purchases import purchase_number

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.usefixtures("quiet_broker"),
]
NOW = datetime(2027, 5, 31, tzinfo=UTC)
NUMBER = "+12125550100"


def projects(count, credit="100"):
    owner = make_user()
    made = [make_project(owner, name=f"Project {n}") for n in range(count)]
    for project in made:
        fund(project, credit)
    return made


def buy(project, e164=NUMBER, key=None):
    return purchase_number(project, e164, key=key, now=NOW)


def test_forty_buyers_of_one_number():
    make_number(NUMBER)
    crowd = projects(40)
    assert tally(at_once(partial(buy, project) for project in crowd)) == {"Lease": 1, "number_taken": 39}
    lease = Lease.objects.get()
    assert LeaseCharge.objects.count() == 1
    assert Transfer.objects.filter(cause_kind="lease").count() == 2
    for project in crowd:
        assert ledger.balance(project.pk) == (97 if project.pk == lease.project_id else 100)
    assert integrity.problems() == []


def test_the_wallet_pays_for_as_many_as_it_can_and_no_more():
    (project,) = projects(1, "31.50")
    numbers = [make_number(f"+121255501{n:02d}").e164 for n in range(40)]
    assert tally(at_once(partial(buy, project, e164) for e164 in numbers)) == {"Lease": 10, "insufficient_credit": 30}
    assert ledger.balance(project.pk) == Decimal("1.50")
    assert Number.objects.filter(status="leased").count() == Lease.objects.count() == 10
    assert Job.objects.filter(kind="numbers.purchased_mail").count() == 10
    assert AuditEntry.objects.filter(action="number.purchased").count() == 10
    assert integrity.problems() == []


def test_twenty_clicks_with_one_form_buy_once():
    make_number(NUMBER)
    (project,) = projects(1)
    results = at_once([partial(buy, project, key="form")] * 20)
    assert tally(results) == {"Lease": 20}
    assert {lease.pk for lease in results} == {Lease.objects.get().pk}
    assert ledger.balance(project.pk) == 97


def test_one_key_for_twenty_numbers_buys_one():
    (project,) = projects(1)
    numbers = [make_number(f"+121255501{n:02d}").e164 for n in range(20)]
    results = at_once(partial(buy, project, e164, "form") for e164 in numbers)
    assert tally(results) == {"Lease": 1, "purchase_key_reused": 19}
    assert ledger.balance(project.pk) == 97
    assert integrity.problems() == []


def test_first_purchases_of_a_project_without_accounts():
    project = make_project()
    numbers = [make_number(f"+121255501{n:02d}", setup_price=0, monthly_price=n % 2).e164 for n in range(20)]
    assert tally(at_once(partial(buy, project, e164) for e164 in numbers)) == {"Lease": 10, "insufficient_credit": 10}


def test_orders_and_cancellations_at_once():
    make_number(NUMBER, docs_required=True)
    crowd = projects(20)

    def order(project):
        return ordering.place_order(
            project=project, e164=NUMBER, by=SYSTEM, purchase_key=None, expected_total=None, now=NOW
        )

    results = at_once(partial(order, project) for project in crowd)
    assert tally(results) == {"Order": 1, "number_taken": 19}
    (placed,) = [result for result in results if isinstance(result, Order)]
    assert ledger.held(placed.project_id) == 3
    again = at_once([partial(closing.cancel_order, order=placed, by=SYSTEM, now=NOW)] * 20)
    assert tally(again) == {"Order": 20}
    assert (ledger.held(placed.project_id), ledger.balance(placed.project_id)) == (0, 100)
    assert Transfer.objects.filter(kind="release").count() == 1
    assert Number.objects.get().status == "available"


def test_twenty_clicks_with_one_form_order_once():
    make_number(NUMBER, docs_required=True)
    (project,) = projects(1)
    order = partial(
        ordering.place_order, project=project, e164=NUMBER, by=SYSTEM, purchase_key="form", expected_total=None, now=NOW
    )
    results = at_once([order] * 20)
    assert tally(results) == {"Order": 20}
    assert {placed.pk for placed in results} == {Order.objects.get().pk}
    assert ledger.held(project.pk) == 3


def test_purchase_waits_for_an_archiving_and_is_then_refused():
    make_number(NUMBER)
    (project,) = projects(1)
    with transaction.atomic():
        Project.objects.filter(pk=project.pk).update(status="archived")
        buyer = Beside(partial(buy, project))
        wait_until_it_waits(buyer)
    assert buyer.result().code == "project_archived"
    assert not Lease.objects.exists()


# -- the negative control ---------------------------------------------------------------------------------------


def look_then_take(project, looked):
    """What a naive purchase does: it looks whether the number is free and takes it afterwards."""
    with transaction.atomic():
        assert Number.objects.get(e164=NUMBER).status == "available"
        looked.wait(PATIENCE)  # everybody has looked before anybody takes
        return buy(project)


@pytest.fixture
def without_lock(monkeypatch):
    """The same statement without its condition on the status, and without the index behind it."""
    condition = b"status = 'available' AND NOT docs_required"
    assert statement.STATEMENT.count(condition) == 1
    monkeypatch.setattr(statement, "STATEMENT", statement.STATEMENT.replace(condition, b"NOT docs_required"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'one_live_lease_per_number'")
        (index,) = cursor.fetchone()
    table_owner.execute("DROP INDEX one_live_lease_per_number")
    try:
        yield
    finally:
        table_owner.restore()
        table_owner.execute(index)


def test_negative_control_without_the_lock_one_number_is_sold_to_everybody(without_lock):
    make_number(NUMBER)
    crowd, looked = projects(8), Barrier(8)
    assert tally(at_once(partial(look_then_take, project, looked) for project in crowd)) == {"Lease": 8}
    assert Lease.objects.filter(status="active").count() == 8
    assert any("8 live leases" in problem for problem in integrity.problems())


def test_with_the_lock_the_same_crowd_gets_one():
    make_number(NUMBER)
    crowd, looked = projects(8), Barrier(8)
    assert tally(at_once(partial(look_then_take, project, looked) for project in crowd)) == {
        "Lease": 1,
        "number_taken": 7,
    }


def test_the_index_alone_would_refuse_the_second_owner_too(monkeypatch):
    """Belt and braces: with the condition gone, the partial unique index still stands."""
    monkeypatch.setattr(statement, "STATEMENT", statement.STATEMENT.replace(b"status = 'available' AND ", b""))
    make_number(NUMBER)
    results = at_once(partial(buy, project) for project in projects(8))
    assert tally(results) == {"Lease": 1, "IntegrityError": 7}
