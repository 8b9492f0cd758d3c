"""What the customer writes to our team about an order. Our questions: numbers/desk/review/messages.py."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from numbers.orders.lifecycle import lock_undecided
from numbers.orders.models import Order, OrderMessage
from portal.core.errors import DomainError
from portal.core.text import clean_text
from projects import audit
from projects.actor import Actor

TEXT_LENGTH = 2000
MESSAGES = 50  # that a customer may write about one order


@transaction.atomic
def answer(*, order: Order, text: str, by: Actor, now: datetime) -> OrderMessage:
    """Adds to the conversation; a question of ours counts as answered from then on. The order stays where it is.

    The same words again, as by a double click, change nothing. Raises ``order_closed``, ``project_archived``,
    ``message_invalid`` (field ``text``), ``conversation_full``.
    """
    text = _clean(text)
    order = lock_undecided(order)
    earlier = list(order.messages.exclude(kind=OrderMessage.Kind.NOTE).order_by("-id")[: MESSAGES * 4])
    if earlier and (earlier[0].kind, earlier[0].text, earlier[0].author_id) == ("answer", text, by.user_id):
        return earlier[0]
    if sum(each.kind == OrderMessage.Kind.ANSWER for each in earlier) >= MESSAGES:
        raise DomainError(
            "conversation_full", f"You have written {MESSAGES} messages about this order. Please wait for our reply."
        )
    message = OrderMessage.objects.create(
        order=order, kind=OrderMessage.Kind.ANSWER, text=text, author_id=by.user_id, created_at=now
    )
    audit.record(
        project_id=order.project_id, by=by, action="order.answered", subject=order.number.e164, order=str(order.ref)
    )
    return message


def _clean(text: str) -> str:
    """Raises ``message_invalid``."""
    try:
        return clean_text(text, field="text", most=TEXT_LENGTH, missing="Write your message first.")
    except DomainError as error:
        raise DomainError("message_invalid", error.message, field="text", status=422) from error


def open_questions(orders: Iterable[Order]) -> dict[int, OrderMessage]:
    """By the order's id, the question of our team that the customer has still to answer; one query, if any.

    It is open while the order is undecided and nothing was done about it since: neither a message of the customer,
    nor documents with which the order went to review.
    """
    undecided = {order.pk: order for order in orders if order.status in Order.UNDECIDED}
    if not undecided:
        return {}
    messages = OrderMessage.objects.filter(order__in=undecided).exclude(kind=OrderMessage.Kind.NOTE)
    last = messages.order_by("order_id", "-id").distinct("order_id")
    return {each.order_id: each for each in last if _is_open(each, undecided[each.order_id])}


def _is_open(last: OrderMessage, order: Order) -> bool:
    asks = last.kind == OrderMessage.Kind.QUESTION
    return asks and (order.submitted_at is None or last.created_at >= order.submitted_at)
