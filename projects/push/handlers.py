"""The mails about certificates that expire."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail
from projects.access import RIGHTS, Right
from projects.models import Membership, Role
from projects.push import expiry
from projects.push.models import PushCredential


@job(expiry.MAIL, queue=MAIL)
def push_credential_expiring(payload: dict[str, Any]) -> None:
    """Nothing when it was replaced or removed meanwhile."""
    rows = PushCredential.objects.select_related("project").defer("sealed")
    credential = rows.filter(pk=payload["credential"], expires_at__isnull=False).first()
    if credential is None:
        return
    project = credential.project
    for user_id in _concerned(credential):
        mail.send(
            "push_credential_expiring",
            project=project,
            user_id=user_id,
            path=reverse("projects:push", args=[project.pid, credential.platform]),
            credential=credential,
            expired=expiry.stage(credential, timezone.now()) == expiry.EXPIRED,
        )


def _concerned(credential: PushCredential) -> list[int]:
    """The project's owner, and whoever uploaded it while they may still replace it."""
    may = [role for role, rights in RIGHTS.items() if Right.MANAGE_KEYS in rights]
    members = Membership.objects.filter(project=credential.project_id, user__is_active=True, role__in=may)
    owners = members.filter(role=Role.OWNER)
    uploader = members.filter(user=credential.uploaded_by_id)
    return list((owners | uploader).order_by("id").values_list("user_id", flat=True))
