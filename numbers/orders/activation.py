"""The worker's part of an approved order: number, lease and money in one transaction.

Lock order as in :mod:`numbers.orders.services`: order, number, ledger accounts.
"""

from datetime import UTC, datetime

from django.db import transaction

from billing.ledger import services as ledger
from billing.ledger.models import AccountKind, Transfer, TransferKind
from numbers.inventory.lifecycle import transition as move_number
from numbers.inventory.models import Number
from numbers.leases.billing_dates import charge_date
from numbers.leases.models import Lease, LeaseCharge
from numbers.orders import lifecycle
from numbers.orders.models import Order
from portal.core.errors import DomainError
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM

KIND = "numbers.provision"  # of the job that activates an approved order


@transaction.atomic
def activate(*, order_id: int, now: datetime) -> Lease | None:
    """Makes the lease of an approved order and captures what was held for it; None when there is nothing (left) to do.

    The approval may have been withdrawn, or another worker was first. An archived project gets its number all the
    same: the decision is made, and what a project has keeps working. Raises ``handover_impossible`` when number or
    money are not as the order left them; nothing is changed then, and staff see the order waiting.
    """
    order = Order.objects.select_related("project", "ordered_by").select_for_update(of=("self",)).get(pk=order_id)
    if order.status != Order.Status.APPROVED:
        return None
    # Read under its lock: the table of moves would allow a number that is for sale, too.
    number = Number.objects.select_for_update(no_key=True).get(pk=order.number_id)
    check_reservation(order, number)
    move_number(number, Number.Status.LEASED, updated_at=now)
    lease = _open_lease(order, now)
    lifecycle.transition(order, Order.Status.ACTIVE, now=now)
    audit.record(
        project_id=order.project_id,
        by=SYSTEM,
        action="order.activated",
        subject=number.e164,
        order=str(order.ref),
        lease=lease.pk,
        setup=str(lease.setup_price),
        monthly=str(lease.monthly_price),
    )
    # One per order, and an order becomes one lease.
    enqueue("numbers.number_active_mail", {"lease": lease.pk}, key=f"numbers.number_active_mail:{order.pk}")
    _charge(lease, number.e164, now)
    return lease


def check_reservation(order: Order, number: Number) -> None:
    """The number is reserved and the money is held, both for this order."""
    if number.status != Number.Status.RESERVED:
        raise _impossible(f"{number.e164} is {number.status}, not held.")
    if order.total:
        hold = Transfer.objects.filter(key=f"hold:{order.pk}", kind=TransferKind.HOLD, amount=order.total).exists()
        if not hold or Transfer.objects.filter(key=f"release:{order.pk}").exists():
            raise _impossible("The amount for this order is no longer held.")


def _impossible(why: str) -> DomainError:
    return DomainError("handover_impossible", f"This order cannot be activated: {why}")


def _open_lease(order: Order, now: datetime) -> Lease:
    """At the price that was agreed; the paid month begins with the activation, not with the order."""
    started = now.astimezone(UTC).date()
    lease = Lease.objects.create(
        number_id=order.number_id,
        project_id=order.project_id,
        order=order,
        started_at=now,
        setup_price=order.setup_price,
        monthly_price=order.monthly_price,
        anchor_day=started.day,
        next_charge_on=charge_date(started, 1),
        bought_by=str(order.ordered_by or ""),
    )
    LeaseCharge.objects.create(lease=lease, period=0, starts_on=started, amount=lease.monthly_price, charged_at=now)
    return lease


def _charge(lease: Lease, e164: str, now: datetime) -> None:
    """Takes setup and first month out of the hold, under the keys and with the cause of a purchase."""
    for key, revenue, amount, memo in (
        (f"setup:{lease.pk}", AccountKind.SETUP, lease.setup_price, f"Setup of {e164}"),
        (f"monthly:{lease.pk}:0", AccountKind.MONTHLY, lease.monthly_price, f"First month of {e164}"),
    ):
        if amount:
            ledger.capture(
                key=key,
                project_id=lease.project_id,
                revenue=revenue,
                amount=amount,
                occurred_at=now,
                memo=memo,
                cause=("lease", lease.pk),
            )
