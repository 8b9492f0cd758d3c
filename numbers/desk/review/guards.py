"""Whether an order can still be decided on, and who may do so."""

from numbers.desk.order_version import require_current
from numbers.desk.presenters import name_of, time_of
from numbers.orders.models import Order
from portal.accounts.models import User
from portal.core.errors import DomainError
from projects.actor import Actor


def is_reviewer(user: User) -> bool:
    return user.is_active and user.is_staff and user.has_perm("numbers.review_order")


def require_undecided(order: Order, seen: str, by: Actor) -> None:
    """Raises ``order_closed``, and ``page_outdated`` when ``seen`` shows an older version.

    Call with the order locked.
    """
    if order.status not in Order.UNDECIDED:
        raise order_closed(order)
    if seen:
        require_current(order, seen, by.user_id)


def order_closed(order: Order) -> DomainError:
    """Why nothing can be decided any more: what happened, by whom and when."""
    who = name_of(order.decided_by)
    decided, closed = time_of(order.decided_at or order.closed_at), time_of(order.closed_at)
    messages = {
        Order.Status.APPROVED: f"{who} approved this order on {decided}; it is being activated.",
        Order.Status.ACTIVE: f"{who} approved this order on {decided}; the number has been activated.",
        Order.Status.REJECTED: f"{who} rejected this order on {decided}: {order.reason}",
        Order.Status.CANCELLED: f"The customer cancelled this order on {closed}.",
        Order.Status.EXPIRED: f"This order expired on {closed}.",
    }
    return DomainError("order_closed", messages[Order.Status(order.status)], now=order.status)
