"""Ordering a number that needs documents."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from billing.ledger import services as ledger
from numbers.compliance import completeness, requirements
from numbers.inventory.lifecycle import transition as move_number
from numbers.inventory.models import Number
from numbers.orders import purchase_errors, queries
from numbers.orders.models import Order
from numbers.orders.services import E164
from numbers.regulations.models import Holder
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project


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
    """Reserves a number that needs documents and holds setup and first month; nothing is charged yet.

    The country's requirements for such a ``holder`` are copied to the order; if the project meets them all, review
    begins at once. Without a ``holder`` it is the one of the project's latest order.

    Raises what :func:`purchase` raises, but ``docs_not_required`` where that raises ``docs_required``, and
    ``holder_invalid`` (422).
    """
    if holder is not None and holder not in Holder.values:
        raise purchase_errors.holder_invalid()
    if not E164.fullmatch(e164):
        raise purchase_errors.unknown(e164)
    # No new order slips into a project that is being archived, and a second click waits for the first one here.
    lock_project(project.pk)
    if earlier := _placed_before(project, purchase_key, e164):
        return earlier
    number = _reserve(project, e164, expected_total, now)
    order = _create_order(
        project, number, holder=holder or queries.usual_holder(project), purchase_key=purchase_key, by=by, now=now
    )
    requirements.copy_requirements(order, on=now.date())
    completeness.update_completeness(order, now=now)
    _announce(order, by=by, now=now)
    return order


def _placed_before(project: Project, purchase_key: str | None, e164: str) -> Order | None:
    """The order that this very form placed. Raises ``purchase_key_reused``."""
    earlier = queries.under_key(project, purchase_key)
    if isinstance(earlier, Order) and earlier.number.e164 == e164:
        return earlier
    if earlier is not None:
        raise purchase_errors.key_reused(earlier.number.e164)
    return None


def _reserve(project: Project, e164: str, expected_total: Decimal | None, now: datetime) -> Number:
    """The number, locked first, so that what is checked is still so when it is reserved."""
    Number.objects.select_for_update(no_key=True).filter(e164=e164).first()
    number = purchase_errors.check(project=project, e164=e164, expected_total=expected_total, with_documents=True)
    move_number(number, Number.Status.RESERVED, updated_at=now)
    return number


def _create_order(
    project: Project, number: Number, *, holder: str, purchase_key: str | None, by: Actor, now: datetime
) -> Order:
    return Order.objects.create(
        project=project,
        number=number,
        holder=holder,
        setup_price=number.setup_price,
        monthly_price=number.monthly_price,
        purchase_key=purchase_key,
        ordered_by_id=by.user_id,
        created_at=now,
        expires_at=now + timedelta(days=settings.ORDER_EXPIRY_DAYS),
    )


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
