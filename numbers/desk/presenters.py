"""What the desk says of orders: ages, places, what is pending, and reasons that are often given."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from numbers.compliance.checklist import Line
from numbers.orders.models import Order

# The customer reads them.
DOCUMENT_REASONS = (
    "The document cannot be read. Please upload a sharper scan or photo.",
    "Parts of the document are missing or cut off. Please upload all pages in full.",
    "The document has expired. Please upload one that is still valid.",
    "The document is older than three months. Please upload a recent one.",
    "The name on the document is not that of the number’s holder.",
    "The address on the document is not in the area required for this number.",
    "This is not one of the documents required here.",
)
ORDER_REASONS = (
    "We could not verify who will use this number.",
    "The rules of the country do not allow this number for this use.",
    "The documents contradict each other, and our questions were not answered.",
    "The supplier can no longer provide this number.",
)


def span(length: timedelta) -> str:
    """``3 d 4 h``, ``5 h 10 min``, ``12 min``: the two largest units."""
    minutes = max(int(length.total_seconds()) // 60, 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long an order waits for our review, against REVIEW_SLA_HOURS."""

    since: datetime
    now: datetime

    @property
    def age(self) -> str:
        return span(self.now - self.since)

    @property
    def _left(self) -> timedelta:
        return self.since + timedelta(hours=settings.REVIEW_SLA_HOURS) - self.now

    @property
    def level(self) -> str:
        """``good`` in the first half of the time, ``soon`` in the second, ``late`` after it."""
        if self._left <= timedelta(0):
            return "late"
        return "soon" if self._left <= timedelta(hours=settings.REVIEW_SLA_HOURS) / 2 else "good"

    @property
    def due(self) -> str:
        if self.level == "late":
            return f"Late by {span(-self._left)}"
        return f"Due in {span(self._left)}" if self.level == "soon" else f"On time, {span(self._left)} left"


def pending(order: Order, lines: list[Line], *, open_question: bool, failed: bool) -> str:
    """What has to happen next, in a few words."""
    if order.status == Order.Status.APPROVED:
        return "Activation failed: needs you" if failed else "Being activated"
    if order.status not in Order.OPEN:
        return order.get_status_display()
    missing = [line.asked.title for line in lines if line.missing]
    if missing:
        return f"Missing: {', '.join(missing)}"
    if open_question:
        return "Question not yet answered"
    to_check = sum(line.pending for line in lines)
    if to_check:
        return f"{to_check} document{'' if to_check == 1 else 's'} to check"
    return "All accepted: approve or reject"
