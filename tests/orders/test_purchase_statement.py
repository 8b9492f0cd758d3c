"""The statement writes other rooms' tables: its rows must be those that the rooms' own functions write."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.ledger import services as ledger
from billing.ledger.models import Transfer
from numbers.models import Lease
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from projects import audit
from projects.models import AuditEntry
from tests.support.purchases import purchase_number


@pytest.fixture
def lease(project, by, number):
    return purchase_number(project, number.e164, by=by, key="k", expected=Decimal("3.5"))


def difference(one, two, *, but):
    assert type(one) is type(two)
    return {
        field.name: (getattr(one, field.attname), getattr(two, field.attname))
        for field in one._meta.concrete_fields
        if field.name not in {"id", *but} and getattr(one, field.attname) != getattr(two, field.attname)
    }


def test_audit_entry_is_what_audit_record_writes(lease, project, by):
    audit.record(
        project_id=project.pk,
        by=by,
        action="number.purchased",
        subject="+12125550100",
        lease=lease.pk,
        setup="1.000000",
        monthly="2.500000",
    )
    one, two = AuditEntry.objects.filter(action="number.purchased").order_by("id")
    assert difference(one, two, but={"at"}) == {}


def test_job_is_what_enqueue_writes(lease, by):
    ours = Job.objects.get(kind="numbers.purchased_mail")
    enqueue("numbers.purchased_mail", {"lease": lease.pk, "user": by.user_id}, key="numbers.purchased_mail:other")
    theirs = Job.objects.get(key="numbers.purchased_mail:other")
    assert difference(ours, theirs, but={"key", "run_at", "created_at"}) == {}
    assert ours.key == f"numbers.purchased_mail:{lease.pk}"


def test_transfer_is_what_post_writes(lease, project):
    ledger.post(
        key="x",
        kind="number_setup",
        project_id=project.pk,
        debit="wallet",
        credit="revenue_setup",
        amount=Decimal("1.00"),
        occurred_at=lease.started_at,
        memo="Setup of +12125550100",
        cause=("lease", lease.pk),
    )
    assert (
        difference(
            Transfer.objects.get(key=f"setup:{lease.pk}"), Transfer.objects.get(key="x"), but={"key", "created_at"}
        )
        == {}
    )


def test_posting_the_same_charge_again_books_nothing(lease, project):
    """The keys are the ledger's own: a later charge of period 0 would meet the purchase's."""
    assert (
        ledger.post(
            key=f"monthly:{lease.pk}:0",
            kind="number_monthly",
            project_id=project.pk,
            debit="wallet",
            credit="revenue_monthly",
            amount=Decimal("2.50"),
            occurred_at=lease.started_at,
            memo="",
            cause=("lease", lease.pk),
        )
        is False
    )


def test_lease_is_what_the_model_writes(lease):
    stored = Lease.objects.get()
    fresh = Lease(
        number_id=lease.number_id,
        project_id=lease.project_id,
        started_at=lease.started_at,
        setup_price=Decimal(1),
        monthly_price=Decimal("2.5"),
        anchor_day=lease.anchor_day,
        next_charge_on=lease.next_charge_on,
        purchase_key="k",
        bought_by=lease.bought_by,
    )
    assert difference(stored, fresh, but=set()) == {}


def test_job_counts_as_many_attempts_as_any_other():
    assert Job._meta.get_field("max_attempts").default == 12


def test_a_purchase_asks_the_database_once(project, by, number):
    with CaptureQueriesContext(connection) as queries:  # the statement itself goes past Django's log
        purchase_number(project, number.e164, by=by, key="k")
    rest = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert rest == []
