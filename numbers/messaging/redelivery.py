"""Delivering messages again: one, or all of a time that failed, that never arrived, or that came."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction

from numbers.messaging.dispatch import dispatch
from numbers.messaging.models import Message, MessageStatus
from portal.core.errors import DomainError
from portal.jobs.outbox import enqueue
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project

KIND = "numbers.redeliver_messages"
CHUNK = 1000
_TICK = timedelta(microseconds=1)
Payload = dict[str, Any]
LONGEST = timedelta(days=31)  # between the times of one request
SINCE_FIELD = "since"


class Which(models.TextChoices):
    FAILED = "failed", "All that failed"
    NOT_DELIVERED = "not_delivered", "All that never arrived"
    ALL = "all", "All, also those that were delivered"


STATUSES: dict[str, tuple[MessageStatus, ...]] = {
    Which.FAILED: (MessageStatus.FAILED,),
    Which.NOT_DELIVERED: (MessageStatus.FAILED, MessageStatus.NO_URL, MessageStatus.CANCELLED),
    Which.ALL: (MessageStatus.FAILED, MessageStatus.NO_URL, MessageStatus.CANCELLED, MessageStatus.DELIVERED),
}


@transaction.atomic
def redeliver(*, message: Message, by: Actor, now: datetime) -> None:
    """Under the same id, with a fresh set of attempts, to where messages of its number go now.

    Raises ``message_cleared``, ``message_waits``, ``message_held``, ``no_message_url``, ``project_archived``,
    ``project_suspended``.
    """
    require_active(lock_project(message.project_id))
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.text is None:
        raise DomainError("message_cleared", "The text of this message has been deleted; it cannot be delivered again.")
    if row.status == MessageStatus.WAITING:
        raise DomainError("message_waits", "This message is waiting to be delivered already.")
    if row.status == MessageStatus.HELD:
        raise DomainError("message_held", "The number is suspended; the message is delivered once it is active again.")
    if not dispatch([row], now):
        raise DomainError("no_message_url", "No URL is set for messages of this number, nor for the project.")
    audit.record(project_id=row.project_id, by=by, action="message.redelivered", subject=row.destination, count=1)


@dataclass(frozen=True, slots=True)
class Span:
    """``since`` counts, ``until`` does not."""

    since: datetime
    until: datetime


@transaction.atomic
def redeliver_all(*, project: Project, which: str, span: Span, by: Actor, now: datetime) -> None:
    """A worker does it, oldest first. Raises ``redelivery_too_long`` (field ``since``), ``project_archived``,
    ``project_suspended``."""
    require_active(lock_project(project.pk))
    if span.until - span.since > LONGEST:
        message = f"Choose at most {LONGEST.days} days at a time."
        raise DomainError("redelivery_too_long", message, field=SINCE_FIELD, status=400)
    times = {"since": span.since.isoformat(), "until": min(span.until, now).isoformat()}
    enqueue(KIND, {"project": project.pk, "which": which, **times})
    audit.record(project_id=project.pk, by=by, action="message.redelivery_started", subject=Which(which).label, **times)


def run(payload: Payload, *, now: datetime) -> int:
    """One part of it, oldest first; the rest is another job. Call in the job's transaction. How many were queued."""
    after, until = _moment(payload["since"]), _moment(payload["until"])
    rows = Message.objects.filter(
        project=payload["project"], received_at__gte=after, received_at__lt=until, text__isnull=False
    )
    wanted = rows.filter(status__in=STATUSES[payload["which"]]).order_by("received_at", "id")
    found = list(wanted[:CHUNK])
    if len(found) == CHUNK:
        # Whole moments: the next part begins with one that this part has not touched.
        last = found[-1].received_at
        found = [each for each in found if each.received_at < last] or list(wanted.filter(received_at=last))
        further = found[-1].received_at + _TICK
        enqueue(KIND, payload | {"since": further.isoformat()})
    return dispatch(found, now)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
