"""Customers, clocks and clicks at the same order at the same time."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from billing.ledger import integrity
from billing.ledger import queries as ledger
from billing.ledger.models import Transfer
from numbers.compliance import approval, ordering
from numbers.compliance.submissions import submit_document
from numbers.models import Lease, Number, Order, OrderMessage, Submission
from numbers.orders import closing, conversation, expiry
from numbers.orders.activation import activate
from portal.jobs.models import Job
from projects.actor import SYSTEM
from projects.models import AuditEntry
from projects.services import archive_project
from tests.support.crowd import Beside, at_once, tally, wait_until_it_waits
from tests.support.documents import make_document
from tests.support.inventory import make_number
from tests.support.people import make_user
from tests.support.projects import fund, make_project
from tests.support.regulations import make_regulation

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.usefixtures("quiet_broker"),
]
NOW = datetime(2027, 5, 1, tzinfo=UTC)
END = NOW + timedelta(days=30)


@pytest.fixture
def project(project):
    make_regulation("US", lines=["passport"])
    return project


def place(project, e164, **extra):
    wanted = {"by": SYSTEM, "purchase_key": None, "expected_total": None, "now": NOW} | extra
    return ordering.place_order(project=project, e164=e164, **wanted)


def test_twenty_projects_order_one_number_that_needs_documents(project):
    number = make_number(docs_required=True)
    owner = make_user()
    crowd = [make_project(owner, name=f"{n}") for n in range(20)]
    for each in crowd:
        fund(each, 10)
    results = at_once(partial(place, each, number.e164) for each in crowd)
    assert tally(results) == {"Order": 1, "number_taken": 19}
    order = Order.objects.get()
    assert (order.status, order.requirements.count()) == ("ordered", 1)
    assert {each.pk for each in crowd if ledger.held(each.pk)} == {order.project_id}
    assert Job.objects.filter(kind="numbers.order_received_mail").count() == 1


def test_an_order_waits_for_an_archiving_and_is_then_refused(project):
    number = make_number(docs_required=True)
    with transaction.atomic():
        archive_project(project=project, typed_name=project.name, by=SYSTEM)
        ordering = Beside(partial(place, project, number.e164))
        wait_until_it_waits(ordering)
    assert getattr(ordering.result(), "code", ordering.result()) == "project_archived"
    assert (Order.objects.count(), ledger.held(project.pk)) == (0, 0)


def test_an_approval_that_is_just_being_taken_back_is_not_handed_over(project):
    """Approved, and its job was lost: the look for such orders comes while staff take the approval back."""
    order = place(project, make_number(docs_required=True).e164)
    Order.objects.filter(pk=order.pk).update(status="approved", submitted_at=NOW, decided_at=NOW)
    with transaction.atomic():
        approval.withdraw_approval(order=order, by=SYSTEM, now=NOW)
        look = Beside(partial(approval.resume_activations, now=NOW))
        wait_until_it_waits(look)
    assert look.result() == 0
    assert not Job.objects.filter(kind=approval.KIND).exists()


def test_the_number_is_not_handed_over_while_the_approval_is_being_taken_back(project):
    order = place(project, make_number(docs_required=True).e164)
    Order.objects.filter(pk=order.pk).update(status="approved", submitted_at=NOW, decided_at=NOW)
    with transaction.atomic():
        approval.withdraw_approval(order=order, by=SYSTEM, now=NOW)
        handing = Beside(partial(activate, order_id=order.pk, now=NOW))
        wait_until_it_waits(handing)
    assert handing.result() is None
    assert (Order.objects.get().status, Lease.objects.count()) == ("in_review", 0)


def test_many_beats_end_each_order_once(project):
    orders = [place(project, make_number(docs_required=True).e164) for _ in range(20)]
    ended = at_once([partial(expiry.expire_orders, now=END)] * 6)
    assert sum(ended) == 20
    assert Order.objects.filter(status="expired", closed_at=END).count() == len(orders)
    assert Transfer.objects.filter(kind="release").count() == 20
    assert AuditEntry.objects.filter(action="order.expired").count() == 20
    assert Job.objects.filter(kind="numbers.order_expired_mail").count() == 20
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (100, 0)
    assert set(Number.objects.values_list("status", flat=True)) == {"available"}
    assert integrity.problems() == []


def test_an_order_that_somebody_works_on_does_not_hold_up_the_others(project):
    busy, other = (place(project, make_number(docs_required=True).e164) for _ in range(2))

    def beat():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")  # waiting would be the mistake
        return expiry.expire_orders(now=END)

    with transaction.atomic():
        Order.objects.select_for_update().get(pk=busy.pk)
        assert Beside(beat).result() == 1
    assert dict(Order.objects.values_list("pk", "status")) == {busy.pk: "ordered", other.pk: "expired"}


def test_many_beats_announce_each_order_once(project):
    for _ in range(10):
        place(project, make_number(docs_required=True).e164)
    at_once([partial(expiry.remind, now=END - timedelta(days=1))] * 6)
    assert Job.objects.filter(kind="numbers.order_expiring_mail").count() == 10


def test_the_last_document_the_clock_and_the_customer_at_once(project):
    """One of them is first, and the others find the order as that one left it."""
    for _ in range(5):
        order = place(project, make_number(docs_required=True).e164)
        line, document = order.requirements.get(), make_document(project, "passport")
        tries = [
            partial(submit_document, order=order, requirement=line, document=document, by=SYSTEM, now=END),
            partial(expiry.expire_orders, now=END),
            partial(closing.cancel_order, order=order, by=SYSTEM, now=END),
        ]
        at_once(tries * 3)
        order.refresh_from_db()
        assert order.status in ("expired", "cancelled")  # handed in first, it was cancelled while in review
        assert Transfer.objects.filter(kind="release", cause_id=order.pk).count() == 1
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (100, 0)
    assert integrity.problems() == []


def test_twenty_clicks_on_submit_and_on_answer(project):
    order = place(project, make_number(docs_required=True).e164)
    line, document = order.requirements.get(), make_document(project, "passport")
    at_once(
        [partial(submit_document, order=order, requirement=line, document=document, by=SYSTEM, now=NOW)] * 10
        + [partial(conversation.answer, order=order, text="Here it is.", by=SYSTEM, now=NOW)] * 10
    )
    order.refresh_from_db()
    assert (order.status, order.submitted_at) == ("in_review", NOW)
    assert (Submission.objects.count(), OrderMessage.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(action="document.handed_in").count() == 1
