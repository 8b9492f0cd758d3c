"""Getting a number: bought at once, or ordered where papers are needed. Errors: docs/errors.md.

Lock order in this file: order, project, number, ledger accounts.
"""

import re
from contextlib import nullcontext
from datetime import datetime, timedelta
from decimal import Decimal

import psycopg
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from psycopg.errors import NotNullViolation

from billing.ledger import services as ledger
from numbers.compliance import checklist
from numbers.compliance.holder_requirements import usual_holder
from numbers.inventory.lifecycle import transition as move_number
from numbers.inventory.models import Number
from numbers.leases.models import Lease
from numbers.orders import purchase_errors
from numbers.orders.models import Order
from numbers.orders.purchase import Taken, take
from numbers.regulations.models import Holder
from portal.core.errors import DomainError
from portal.jobs.outbox import enqueue, wake_on_commit
from projects import audit
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
ATTEMPTS = 3


def purchase(
    *, project: Project, e164: str, by: Actor, purchase_key: str | None, expected_total: Decimal | None, now: datetime
) -> Lease:
    """Takes the number, charges setup and first month, and returns the lease; all of it or nothing.

    ``expected_total`` is what the buyer saw for setup and first month, None to take today's price. The same
    ``purchase_key`` (up to 100 characters) buys once and returns the same lease. Raises ``number_unknown`` (404),
    ``number_taken``, ``docs_required``, ``project_archived``, ``price_changed`` (with ``setup`` and ``monthly``),
    ``purchase_key_reused`` (409), ``insufficient_credit`` (402, with ``missing``).
    """
    if not E164.fullmatch(e164):
        raise purchase_errors.unknown(e164)
    for _ in range(ATTEMPTS):
        try:
            # One statement needs no transaction around it, and saves two trips to the database.
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                taken = take(
                    project_id=project.pk,
                    e164=e164,
                    by=by,
                    purchase_key=purchase_key,
                    expected_total=expected_total,
                    now=now,
                )
        except IntegrityError as error:
            if not _is_refusal(error, project):
                raise
            taken = None
        if taken is not None:
            wake_on_commit("numbers.purchased_mail")
            return _lease(taken, project=project, by=by, purchase_key=purchase_key, now=now)
        bought = _bought_before(project, purchase_key, e164)
        if bought is not None:
            return bought
        purchase_errors.check(project=project, e164=e164, expected_total=expected_total, wants_papers=False)
        # Nothing stands in the way any more (credit was added, the number came back meanwhile): try again.
    raise DomainError("try_again", "This number is busy at the moment. Please try again.")


def _is_refusal(error: IntegrityError, project: Project) -> bool:
    """False for a violation that is our mistake and not a rule's no."""
    cause = error.__cause__
    if isinstance(cause, NotNullViolation) and cause.diag.table_name == "billing_transfer":
        # The project's first purchase: it has no accounts, or not all of them.
        ledger.ensure_accounts(project.pk)
        return True
    constraint = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
    return constraint in ("account_no_overdraft", "one_lease_per_purchase_key")


def _lease(taken: Taken, *, project: Project, by: Actor, purchase_key: str | None, now: datetime) -> Lease:
    """The row that the statement wrote, without reading it again."""
    lease = Lease(
        id=taken.lease_id,
        number_id=taken.number_id,
        project=project,
        status=Lease.Status.ACTIVE,
        started_at=now,
        setup_price=taken.setup_price,
        monthly_price=taken.monthly_price,
        anchor_day=taken.anchor_day,
        next_charge_on=taken.next_charge_on,
        purchase_key=purchase_key,
        bought_by=by.label,
    )
    lease._state.adding, lease._state.db = False, connection.alias
    return lease


def _bought_before(project: Project, purchase_key: str | None, e164: str) -> Lease | None:
    if purchase_key is None:
        return None
    rows = Lease.objects.select_related("number").filter(project=project, purchase_key=purchase_key)
    lease = rows.first()
    if lease is not None and lease.number.e164 != e164:
        raise purchase_errors.key_reused(lease.number.e164)
    if lease is None:
        order = Order.objects.select_related("number").filter(project=project, purchase_key=purchase_key).first()
        if order is not None:  # place_order returns it, if it is of this number
            raise (
                purchase_errors.docs_required()
                if order.number.e164 == e164
                else purchase_errors.key_reused(order.number.e164)
            )
    return lease


@transaction.atomic
def place_order(
    *,
    project: Project,
    e164: str,
    by: Actor,
    purchase_key: str | None,
    expected_total: Decimal | None,
    now: datetime,
    holder: str | None = None,
) -> Order:
    """Reserves a number that needs papers and sets setup and first month aside; nothing is charged yet.

    What the country asks of such a ``holder`` is copied to the order; if the project has it all, review begins at once.
    Raises what :func:`purchase` raises, but ``docs_not_required`` where that raises ``docs_required``, and
    ``holder_invalid`` (422). Without a ``holder`` it is the one of the project's latest order.
    """
    if holder is not None and holder not in Holder.values:
        raise purchase_errors.holder_invalid()
    if not E164.fullmatch(e164):
        raise purchase_errors.unknown(e164)
    # No new order slips into a project that is being archived, and a second click waits for the first one here.
    lock_project(project.pk)
    if purchase_key is not None:
        earlier = Order.objects.select_related("number").filter(project=project, purchase_key=purchase_key).first()
        if earlier is not None and earlier.number.e164 != e164:
            raise purchase_errors.key_reused(earlier.number.e164)
        if earlier is not None:
            return earlier
        bought = Lease.objects.select_related("number").filter(project=project, purchase_key=purchase_key).first()
        if bought is not None:
            raise purchase_errors.key_reused(bought.number.e164)
    Number.objects.select_for_update(no_key=True).filter(e164=e164).first()
    number = purchase_errors.check(project=project, e164=e164, expected_total=expected_total, wants_papers=True)
    move_number(number, Number.Status.RESERVED, updated_at=now)
    order = Order.objects.create(
        project=project,
        number=number,
        holder=holder or usual_holder(project),
        setup_price=number.setup_price,
        monthly_price=number.monthly_price,
        purchase_key=purchase_key,
        ordered_by_id=by.user_id,
        created_at=now,
        expires_at=now + timedelta(days=settings.ORDER_EXPIRY_DAYS),
    )
    checklist.ask(order, on=now.date())
    checklist.settle(order, now=now)
    _announce(order, by=by, now=now)
    return order


def _announce(order: Order, *, by: Actor, now: datetime) -> None:
    """The audit entry, the mail, and last, because it locks the wallet, the hold."""
    e164 = order.number.e164
    audit.record(
        project_id=order.project_id,
        by=by,
        action="number.ordered",
        subject=e164,
        order=str(order.ref),
        setup=str(order.setup_price),
        monthly=str(order.monthly_price),
    )
    enqueue(
        "numbers.order_received_mail",
        {"order": order.pk, "user": by.user_id},
        key=f"numbers.order_received_mail:{order.pk}",
    )
    if order.total:
        ledger.hold(
            key=f"hold:{order.pk}",
            project_id=order.project_id,
            amount=order.total,
            occurred_at=now,
            memo=f"Held for the order of {e164}",
            cause=("order", order.pk),
        )
