"""How the desk words an order: what comes next, how long it waits, who did something and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from numbers.compliance.checklist import ChecklistItem
from numbers.orders.models import Order
from portal.accounts.models import User
from portal.core.times import compact, short_time


@dataclass(frozen=True, slots=True)
class ReviewDeadline:
    """How long an order waits for our review, against REVIEW_SLA_HOURS."""

    submitted_at: datetime
    now: datetime

    @property
    def age(self) -> str:
        return compact(self.now - self.submitted_at)

    @property
    def _left(self) -> timedelta:
        return self.submitted_at + timedelta(hours=settings.REVIEW_SLA_HOURS) - self.now

    @property
    def level(self) -> str:
        """``good`` in the first half of the time, ``soon`` in the second, ``late`` after it."""
        if self._left <= timedelta(0):
            return "late"
        return "soon" if self._left <= timedelta(hours=settings.REVIEW_SLA_HOURS) / 2 else "good"

    @property
    def due(self) -> str:
        if self.level == "late":
            return f"Late by {compact(-self._left)}"
        return f"Due in {compact(self._left)}" if self.level == "soon" else f"On time, {compact(self._left)} left"


def review_deadline(order: Order, now: datetime) -> ReviewDeadline | None:
    """Of an order in review."""
    if order.status != Order.Status.IN_REVIEW or order.submitted_at is None:
        return None
    return ReviewDeadline(order.submitted_at, now)


def next_step(order: Order, items: list[ChecklistItem], *, open_question: bool, activation_failed: bool) -> str:
    """What has to happen next, in a few words."""
    if order.status == Order.Status.APPROVED:
        return "Activation failed: needs you" if activation_failed else "Being activated"
    if order.status not in Order.OPEN:
        return order.get_status_display()
    missing = [item.requirement.title for item in items if item.missing]
    if missing:
        return f"Missing: {', '.join(missing)}"
    if open_question:
        return "Question not yet answered"
    to_check = sum(item.pending for item in items)
    if to_check:
        return f"{to_check} document{'' if to_check == 1 else 's'} to check"
    return "All accepted: approve or reject"


def name_of(user: User | None) -> str:
    return user.get_full_name() if user else "Someone"


def time_of(at: datetime | None) -> str:
    return short_time(at) if at else "an unknown time"
