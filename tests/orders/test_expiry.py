"""Orders that nobody completes: announced once, then ended once, and what was held is given back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.ledger import queries as ledger
from billing.ledger.models import Transfer
from numbers.compliance import completeness, submissions
from numbers.models import Number, Order
from numbers.orders import closing, expiry
from numbers.orders.lifecycle import transition
from numbers.orders.tasks import expire_orders as task
from portal.celery import app
from portal.jobs import outbox
from portal.jobs.models import Job
from projects.models import AuditEntry
from tests.orders.conftest import NOW
from tests.support.documents import make_document
from tests.support.purchases import status_of
from tests.support.regulations import make_regulation

DAY = timedelta(days=1)
END = NOW + 30 * DAY


@pytest.fixture
def order(order_of, regulated_number):
    return order_of(regulated_number)


def test_an_order_lasts_thirty_days(order, settings, order_of, berlin):
    assert order.expires_at == END
    settings.ORDER_EXPIRY_DAYS = 7
    assert order_of(berlin()).expires_at == NOW + 7 * DAY


def test_past_its_time_it_expires_and_releases_everything(project, order, regulated_number):
    assert expiry.expire_orders(now=END - timedelta(seconds=1)) == 0
    assert status_of(order) == "ordered"
    assert expiry.expire_orders(now=END) == 1
    order.refresh_from_db()
    regulated_number.refresh_from_db()
    assert (order.status, order.closed_at, regulated_number.status) == ("expired", END, "available")
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (Decimal(10), 0)
    entry = AuditEntry.objects.get(action="order.expired")
    assert (entry.actor_kind, entry.subject) == ("system", regulated_number.e164)


def test_twice_is_once(order):
    assert [expiry.expire_orders(now=END) for _ in range(2)] == [1, 0]
    assert Transfer.objects.filter(kind="release").count() == 1
    assert Job.objects.filter(kind="numbers.order_expired_mail").count() == 1


@pytest.mark.parametrize(("moved_to", "ends"), [("documents_requested", True), ("in_review", False)])
def test_only_what_waits_for_the_customer_expires(order, moved_to, ends):
    transition(order, moved_to, now=NOW)
    assert expiry.expire_orders(now=END) == ends
    assert status_of(order) == ("expired" if ends else "in_review")


def test_an_order_completed_in_time_stays(project, order):
    submissions.create_submissions(make_document(project, "address_proof"), order.requirements.all())
    completeness.update_completeness(order, now=END - DAY)
    assert expiry.expire_orders(now=END + DAY) == 0


def test_an_order_that_cannot_be_ended_does_not_hold_up_the_others(spoiled, order_of, berlin, regulated_number, caplog):
    make_regulation("DE", lines=["passport"])
    stuck, fine = order_of(regulated_number), order_of(berlin())
    Number.objects.filter(pk=regulated_number.pk).update(status="leased")
    assert expiry.expire_orders(now=END) == 1
    assert (status_of(stuck), status_of(fine)) == ("ordered", "expired")
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["orders.expiry_failed"]


def test_no_more_than_its_share_at_once(order_of, berlin):
    make_regulation("DE", lines=["passport"])
    for _ in range(3):
        order_of(berlin())
    assert [expiry.expire_orders(now=END, limit=2) for _ in range(3)] == [2, 1, 0]


# -- the announcement -------------------------------------------------------------------------------------------


def test_it_is_announced_once_three_days_before(order):
    assert expiry.remind(now=END - 3 * DAY - timedelta(seconds=1)) == 0
    assert [expiry.remind(now=END - 3 * DAY + n * DAY) for n in range(3)] == [1, 0, 0]
    assert Job.objects.filter(kind="numbers.order_expiring_mail").count() == 1


def test_what_is_over_is_not_announced(order):
    assert expiry.remind(now=END) == 0


def test_an_extended_order_is_announced_again(order):
    expiry.remind(now=END - DAY)
    Order.objects.update(expires_at=END + 30 * DAY)
    assert expiry.remind(now=END) == 0
    assert expiry.remind(now=END + 29 * DAY) == 1


@pytest.mark.parametrize("moved_to", ["in_review", "cancelled"])
def test_nothing_is_announced_that_does_not_wait(spoiled, order, moved_to):
    transition(order, moved_to, now=NOW)
    assert expiry.remind(now=END - DAY) == 0


def test_a_new_order_with_a_short_time_is_not_announced_at_once(order, settings, order_of, berlin):
    make_regulation("DE", lines=["passport"])
    settings.ORDER_EXPIRY_DAYS = 2
    order_of(berlin())
    assert expiry.remind(now=NOW + timedelta(hours=1)) == 0
    assert expiry.remind(now=NOW + timedelta(hours=25)) == 1


def test_a_customer_who_was_faster_gets_no_announcement(project, order, by, mailoutbox):
    outbox.run_due_jobs()
    expiry.remind(now=END - DAY)
    closing.cancel_order(order=order, by=by, now=END - DAY)
    outbox.run_due_jobs()
    assert [mail.subject for mail in mailoutbox[1:]] == ["Your order of +44 20 7946 0100 was cancelled"]


def test_the_task_is_on_the_schedule(order, settings):
    assert settings.CELERY_BEAT_SCHEDULE["numbers.expire_orders"]["task"] == task.name
    assert task.name in app.tasks
    Order.objects.update(expires_at=NOW - 400 * DAY)
    task()
    assert status_of(order) == "expired"
