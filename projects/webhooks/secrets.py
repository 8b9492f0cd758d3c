"""The signing secrets of a project: made with its first URL, shown on request, rotated."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.core import crypto
from portal.core.errors import DomainError
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project
from projects.webhooks import signing
from projects.webhooks.models import WebhookSecret

HINT = 4  # characters
OVERLAP = timedelta(hours=24)  # in which both sign


def ensure(project_id: int, now: datetime) -> None:
    """The project has a secret. Call with the project locked."""
    if not WebhookSecret.objects.filter(project=project_id).exists():
        _make(project_id, now)


def current(project: Project, now: datetime) -> list[WebhookSecret]:
    """Those that sign, newest first."""
    return list(_signing(now).filter(project=project))


def signing_keys(project_ids: Collection[int], now: datetime) -> dict[int, list[str]]:
    """The secrets in clear by project, newest first."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in _signing(now).filter(project__in=project_ids):
        found[row.project_id].append(crypto.decrypt(row.sealed).decode())
    return found


@transaction.atomic
def reveal(*, project: Project, by: Actor, now: datetime) -> str:
    """The newest in clear. Ask for a fresh authentication first. Raises ``webhook_secret_unknown``."""
    row = next(iter(current(project, now)), None)
    if row is None:
        raise DomainError(
            "webhook_secret_unknown", "This project has no signing secret yet: set a URL first.", status=404
        )
    audit.record(project_id=project.pk, by=by, action="webhook_secret.revealed", subject=f"…{row.hint}")
    return crypto.decrypt(row.sealed).decode()


@transaction.atomic
def rotate(*, project: Project, replaces: int, by: Actor, now: datetime) -> WebhookSecret:
    """A new secret; for ``OVERLAP`` requests carry a signature with each. ``replaces``: the id of the one that the page
    showed, so that a second click changes nothing. Raises ``webhook_secret_rotated``, ``webhook_secret_unknown``,
    ``project_archived``, ``project_suspended``."""
    require_active(lock_project(project.pk))
    row = WebhookSecret.objects.filter(project=project, signs_until=None).first()
    if row is None:
        raise DomainError(
            "webhook_secret_unknown", "This project has no signing secret yet: set a URL first.", status=404
        )
    if row.pk != replaces:
        raise DomainError(
            "webhook_secret_rotated", "The signing secret was changed meanwhile; this page shows the new one."
        )
    # A third would make the header longer than a receiver expects: the one before the last ends now.
    WebhookSecret.objects.filter(project=project, signs_until__gt=now).update(signs_until=now)
    row.signs_until = now + OVERLAP
    row.save(update_fields=["signs_until"])
    made = _make(project.pk, now)
    audit.record(project_id=project.pk, by=by, action="webhook_secret.rotated", subject=f"…{made.hint}")
    return made


@transaction.atomic
def end_former(*, project: Project, by: Actor, now: datetime) -> None:
    """Only the newest signs from now on."""
    lock_project(project.pk)
    if WebhookSecret.objects.filter(project=project, signs_until__gt=now).update(signs_until=now):
        audit.record(project_id=project.pk, by=by, action="webhook_secret.ended")


def forget_former(*, now: datetime) -> int:
    """Removes those that have ended."""
    return WebhookSecret.objects.filter(signs_until__lte=now).delete()[0]


def _signing(now: datetime) -> QuerySet[WebhookSecret]:
    return WebhookSecret.objects.filter(Q(signs_until=None) | Q(signs_until__gt=now)).order_by("-id")


def _make(project_id: int, now: datetime) -> WebhookSecret:
    secret = signing.new_secret()
    return WebhookSecret.objects.create(
        project_id=project_id, sealed=crypto.encrypt(secret.encode()), hint=secret.rstrip("=")[-HINT:], created_at=now
    )
