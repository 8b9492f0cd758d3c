"""Test messages that a customer sends: as a real one arrives, once, also to a URL that is switched off."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from numbers.leases.locking import require_live
from numbers.leases.models import Lease
from numbers.messaging.dispatch import payload
from numbers.messaging.models import Encoding, Message
from numbers.messaging.queries import default_target, inheriting, target_of, with_sms
from portal.core.errors import DomainError
from projects.access import require_active
from projects.models import Project
from projects.webhooks import testing
from projects.webhooks.models import WebhookTarget

SOURCE, TEXT = "+15550100", "This is a test message."
_WITHOUT_NUMBER = "+15550101"  # the destination where a project has no number yet


@transaction.atomic
def send(*, lease: Lease, now: datetime) -> str:
    """To where messages of this number go; the id of its delivery. Raises ``no_messaging_url``, ``lease_ended``,
    ``project_archived``, ``project_suspended``."""
    require_live(lease)
    require_active(lease.project)
    return _send(target_of(lease), lease.number.e164, now)


@transaction.atomic
def send_default(*, project: Project, now: datetime) -> str:
    """To the project's URL, as for a number that uses it. Raises as :func:`send`."""
    require_active(project)
    lease = inheriting(project).first() or with_sms(project).first()
    return _send(default_target(project.pk), lease.number.e164 if lease else _WITHOUT_NUMBER, now)


def _send(target: WebhookTarget | None, destination: str, now: datetime) -> str:
    if target is None:
        raise DomainError("no_messaging_url", "No URL is set, so there is nowhere to send a test message to.")
    message = Message(
        message_id=uuid4(),
        received_at=now,
        source=SOURCE,
        destination=destination,
        text=TEXT,
        encoding=Encoding.GSM7,
    )
    webhook_id = str(message.message_id)  # as of every message
    testing.send(target=target, webhook_id=webhook_id, payload=payload(message), now=now)
    return webhook_id
