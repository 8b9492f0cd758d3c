"""What became of an upload, in words."""

from collections.abc import Sequence

from numbers.documents.models import Document
from numbers.orders.models import Order
from portal.accounts.telephone import international

NAMED = 3  # orders


def upload_message(document: Document, orders: Sequence[Order]) -> str:
    """``orders`` are those that the document serves now."""
    uploaded = f"“{document.name}” was uploaded"
    if not orders:
        return f"{uploaded}. No open order needs it at the moment; it is kept here for later orders."
    words = f"{uploaded} and submitted for {_of(orders)}."
    complete = [order for order in orders if order.status == Order.Status.IN_REVIEW]
    if not complete:
        return words
    if len(orders) == 1:
        return f"{words} Nothing is missing any more: the order is in review."
    what, verb = _of(complete), "is" if len(complete) == 1 else "are"
    return f"{words} {what[0].upper()}{what[1:]} {verb} complete and in review."


def _of(orders: Sequence[Order]) -> str:
    numbers = [international(order.number.e164) for order in orders]
    if len(numbers) > NAMED:
        return f"{len(numbers)} orders"
    if len(numbers) == 1:
        return f"the order of {numbers[0]}"
    return f"the orders of {', '.join(numbers[:-1])} and {numbers[-1]}"
