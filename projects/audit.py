"""The audit trail: each service that changes something in a project writes one entry, in its own transaction."""

from typing import Any

from projects.actor import Actor
from projects.models import AuditEntry


def record(*, project_id: int, by: Actor, action: str, subject: str = "", **data: Any) -> None:
    AuditEntry.objects.create(
        project_id=project_id, actor_kind=by.kind, actor_user_id=by.user_id, actor_label=by.label, ip=by.ip,
        action=action, subject=subject, data=data,
    )
