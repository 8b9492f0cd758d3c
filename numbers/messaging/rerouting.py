"""Messages that wait for a URL that was removed."""

from datetime import datetime

from numbers.messaging.models import MessageStatus
from numbers.messaging.statuses import set_status
from projects.webhooks import queueing, targets
from projects.webhooks.models import WebhookTarget


def lead_to(old: WebhookTarget, default_id: int) -> None:
    """They go to the project's URL."""
    queueing.move(from_target=old.pk, to_target=default_id)
    targets.let_go(old)


def keep(old: WebhookTarget, now: datetime) -> None:
    """They are kept, and can be delivered once there is a URL."""
    subjects = queueing.withdraw(old.pk, now)
    set_status([(at, pk) for at, pk in subjects if at is not None and pk is not None], MessageStatus.NO_URL)
    targets.let_go(old)
