"""Certificates that are about to expire: announced 30, 7 and 1 days before and on expiry, once each.

After days without beat only the nearest announcement is made. While a project is suspended nothing in it can be
replaced, and nothing is announced.
"""

from datetime import datetime, timedelta

from django.db import transaction

from portal.jobs.outbox import enqueue
from projects.models import ProjectStatus
from projects.push.models import PushCredential

DAYS = (1, 7, 30)
EXPIRED = 0
MAIL = "projects.push_credential_expiring_mail"


def stage(credential: PushCredential, now: datetime) -> int | None:
    """The nearest announcement that is due: 30, 7 or 1 (days before), 0 (expired), or None."""
    if credential.expires_at is None:
        return None
    left = credential.expires_at - now
    if left <= timedelta(0):
        return EXPIRED
    return next((days for days in DAYS if left <= timedelta(days=days)), None)


def announce(*, now: datetime) -> int:
    """Queues the mails that are due; returns how many credentials they are about. Harmless twice."""
    near = PushCredential.objects.filter(expires_at__lte=now + timedelta(days=max(DAYS))).exclude(announced=EXPIRED)
    near = near.exclude(project__status=ProjectStatus.SUSPENDED)
    return sum(_announce(pk, now) for pk in near.order_by("id").values_list("pk", flat=True))


@transaction.atomic
def _announce(pk: int, now: datetime) -> bool:
    credential = PushCredential.objects.select_for_update().filter(pk=pk).first()
    if credential is None:  # replaced or removed meanwhile
        return False
    due = stage(credential, now)
    if due is None or (credential.announced is not None and credential.announced <= due):
        return False
    credential.announced = due
    credential.save(update_fields=["announced"])
    enqueue(MAIL, {"credential": pk}, key=f"{MAIL}:{pk}:{due}")
    return True
