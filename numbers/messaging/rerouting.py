"""Messages that wait for a URL that was removed: they go to the one that holds now, or are kept without one."""

from datetime import datetime
from typing import Any

from numbers.leases.models import Lease
from numbers.messaging.models import MessageStatus
from numbers.messaging.queries import default_target, target_of
from numbers.messaging.statuses import set_status
from portal.jobs.outbox import enqueue
from projects.webhooks import queueing, targets
from projects.webhooks.models import WebhookTarget

KIND = "numbers.reroute_messages"
CHUNK = 1000


def reroute(*, old: WebhookTarget, project_id: int, lease: Lease | None, now: datetime) -> None:
    """``lease``: the number whose URL it was; None: the project's. The first of them at once; a worker does the rest.
    Part of the caller's transaction."""
    targets.let_go(old)
    run({"target": old.pk, "project": project_id, "lease": lease.pk if lease else None}, now=now)


def run(payload: dict[str, Any], *, now: datetime) -> None:
    """One part of it; the rest is another job. Call in a transaction."""
    old, new = payload["target"], _target_now(payload)
    if new:
        is_more = queueing.move(from_target=old, to_target=new.pk, most=CHUNK)
    else:
        subjects, is_more = queueing.withdraw(old, now, most=CHUNK)
        set_status(subjects, MessageStatus.NO_URL)
    if is_more:
        enqueue(KIND, payload)


def _target_now(payload: dict[str, Any]) -> WebhookTarget | None:
    lease = Lease.objects.filter(pk=payload["lease"]).first() if payload["lease"] else None
    return target_of(lease) if lease else default_target(payload["project"])
