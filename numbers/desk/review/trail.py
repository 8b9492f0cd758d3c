"""The trail and the mails of what reviewers do, in the transaction of the decision."""

from datetime import datetime
from typing import Any

from numbers.orders.models import Order
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import Actor


def record(order: Order, action: str, by: Actor, subject: str, **facts: str) -> None:
    """Facts without a value are left out."""
    facts = {name: value for name, value in facts.items() if value}
    audit.record(
        project_id=order.project_id,
        by=by,
        action=action,
        subject=subject,
        order=str(order.ref),
        number=order.number.e164,
        **facts,
    )


def queue_mail(name: str, payload: dict[str, Any], now: datetime) -> None:
    """One mail for each decision: the ids in ``payload`` and the moment are its key."""
    ids = ":".join(str(value) for value in payload.values() if isinstance(value, int))
    enqueue(f"numbers.{name}_mail", payload, key=f"numbers.{name}_mail:{ids}:{now.timestamp()}")
