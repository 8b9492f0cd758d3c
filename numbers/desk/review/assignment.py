"""Who of the team works on an order. Staff's business: in Django's admin log, not in the customer's trail."""

from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from numbers.desk.presenters import time_of
from numbers.desk.review.guards import is_reviewer, order_closed
from numbers.orders.lifecycle import lock_order
from numbers.orders.models import Order
from portal.accounts.models import User
from portal.core.errors import DomainError
from projects.actor import Actor

ANYBODY = object()


@transaction.atomic
def assign(*, order: Order, to: User | None, by: Actor, now: datetime, expected_assignee: Any = ANYBODY) -> Order:
    """Makes ``to`` the one who works on the order; None for nobody.

    ``expected_assignee`` is whom the page showed (an id, or None for nobody). Raises ``order_assigned`` when it is
    another by now, ``order_closed``, and ``not_a_reviewer`` (field ``to``).
    """
    if to is not None and not is_reviewer(to):
        raise DomainError("not_a_reviewer", "This person is not allowed to review orders.", field="to", status=422)
    order = lock_order(order)
    if order.assigned_to_id == (to.pk if to else None):
        return order
    if order.status not in Order.OPEN:
        raise order_closed(order)
    if expected_assignee is not ANYBODY and order.assigned_to_id != expected_assignee:
        raise _assigned(order)
    order.assigned_to, order.assigned_at = to, now if to else None
    order.save(update_fields=["assigned_to", "assigned_at"])
    if by.user_id is not None:
        entry = f"Assigned the order to {to.get_full_name()}." if to else "Put the order back to the queue."
        LogEntry.objects.log_actions(by.user_id, [order], CHANGE, entry, single_object=True)
    return order


def _assigned(order: Order) -> DomainError:
    name = order.assigned_to.get_full_name() if order.assigned_to else "Nobody"
    return DomainError("order_assigned", f"{name} has been assigned this order since {time_of(order.assigned_at)}.")
