"""The open orders of a project, locked while something changes that counts for them.

Lock order: the project's open orders by id, project, document.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from numbers.compliance import checklist, completeness
from numbers.compliance.models import Submission
from numbers.documents import storage
from numbers.documents.models import Document
from numbers.orders.models import Order
from portal.core.errors import DomainError
from projects.locking import lock_project

ATTEMPTS = 5
T = TypeVar("T")


def with_open_orders_locked(project_id: int, act: Callable[[list[Order]], T]) -> T:
    """Runs ``act`` in a transaction that holds the project and all its open orders."""
    for _ in range(ATTEMPTS):
        with transaction.atomic():
            orders = lock_open_orders(project_id)
            if orders is not None:
                return act(orders)
            transaction.set_rollback(True)  # inside a job's transaction, too, the locks go only in this way
    raise DomainError("try_again", "This project is busy at the moment. Please try again.")


def lock_open_orders(project_id: int) -> list[Order] | None:
    """The project's undecided orders, with their checklists, and the project.

    None when an order was placed between the two locks: give the locks back and try again.
    """
    open_orders = Order.objects.filter(project_id=project_id, status__in=Order.OPEN).order_by("id")
    locked = {order.pk for order in open_orders.select_for_update(no_key=True)}
    lock_project(project_id)
    found = list(open_orders.prefetch_related(*checklist.WITH_CHECKLIST))
    if not {order.pk for order in found} <= locked:
        return None
    return [order for order in found if order.status in Order.UNDECIDED]


def update_orders(orders: Iterable[Order], *, now: datetime) -> None:
    """Reads the orders again: these still have the submissions as they were before."""
    for order in orders:
        completeness.update_completeness(Order.objects.get(pk=order.pk), now=now)


def withdraw_replaced(old: Document, *, now: datetime) -> None:
    """Without a verdict it goes at once; with one it stays on record as long as its orders need it."""
    if old.is_there and not old.submissions.exclude(verdict=checklist.PENDING).exists():
        old.withdrawn_at, old.purge_after = now, None
        old.save(update_fields=["withdrawn_at", "purge_after"])
        storage.destroy(old)


def is_in_review(document: Document) -> bool:
    """An order that is in review or approved counts on it."""
    used = Submission.objects.filter(document=document).exclude(verdict=Submission.Verdict.REJECTED)
    return used.filter(requirement__order__status__in=(Order.Status.IN_REVIEW, Order.Status.APPROVED)).exists()
