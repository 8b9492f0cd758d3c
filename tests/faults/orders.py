"""Approved orders, and what must be true of them in the end, whatever happened on the way."""

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from billing.ledger import integrity
from billing.ledger import queries as ledger
from billing.ledger.models import Transfer
from numbers.compliance import approval
from numbers.models import Lease, Order
from portal.accounts.telephone import international
from portal.jobs.models import Job, OutgoingMail
from projects.actor import SYSTEM
from tests.orders.reviewed import in_review
from tests.support.inventory import LONDON, make_number


def reviewed(project, count):
    """Orders at 3.00 and 4.00 that wait for their approval."""
    numbers = [
        make_number(
            f"+4420794601{n:02d}",
            **LONDON,
            docs_required=True,
            setup_price=3,
            monthly_price=4,
        )
        for n in range(count)
    ]
    return [in_review(project, number.e164, by=SYSTEM, now=timezone.now()) for number in numbers]


@transaction.atomic
def approve_for_later(order):
    """Its job is not due before ``make_due``: no worker takes it while the test makes its arrangements."""
    order = approval.approve(order=order, by=SYSTEM, now=timezone.now())
    Job.objects.filter(kind=approval.KIND, payload__order=order.pk).update(run_at=timezone.now() + timedelta(hours=1))
    return order


def is_active(order):
    return Order.objects.filter(pk=order.pk, status="active").exists()


def nothing_waits():
    return not Job.objects.filter(state="queued").exists()


def assert_activated_once(project, orders):
    """Each is active, leased, charged and announced exactly once, and no money or job is left over."""
    pks = [order.pk for order in orders]
    assert Counter(Order.objects.filter(pk__in=pks).values_list("status", "number__status")) == {
        ("active", "leased"): len(pks)
    }
    leases = Lease.objects.filter(order__in=pks)
    assert sorted(leases.values_list("order_id", flat=True)) == sorted(pks)
    captures = Transfer.objects.filter(kind="capture", cause_kind="lease")
    assert sorted(captures.values_list("cause_id", "amount")) == sorted(
        (lease.pk, amount) for lease in leases for amount in (3, 4)
    )
    assert ledger.held(project.pk) == 0
    sent = OutgoingMail.objects.filter(subject__endswith="is active", sent_at__isnull=False)
    assert Counter(sent.values_list("subject", flat=True)) == {
        f"{international(order.number.e164)} is active": 1 for order in orders
    }
    assert not Job.objects.exclude(state="done").exists()
    assert integrity.problems() == []
