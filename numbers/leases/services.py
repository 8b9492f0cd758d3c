"""Writes on a project's numbers."""

import unicodedata
from datetime import datetime

from django.db import transaction

from numbers.leases.models import Lease
from projects import audit
from projects.actor import Actor
from projects.errors import DomainError

NAME_LENGTH = 64


def clean_name(name: str) -> str:
    """A friendly name as it is stored. Raises ``friendly_name_invalid``."""
    name = name.strip()
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise DomainError(
            "friendly_name_invalid",
            "Use letters, digits and signs only, no control characters.",
            field="friendly_name",
            status=422,
        )
    if len(name) > NAME_LENGTH:
        raise DomainError(
            "friendly_name_invalid", f"Use at most {NAME_LENGTH} characters.", field="friendly_name", status=422
        )
    return name


@transaction.atomic
def rename_lease(*, lease: Lease, name: str, by: Actor, now: datetime) -> Lease:
    """Gives the number a friendly name; an empty one takes it away.

    Raises ``friendly_name_invalid``, ``lease_ended``, ``project_archived``.
    """
    name = clean_name(name)
    lease = Lease.objects.select_related("number", "project").select_for_update(of=("self",)).get(pk=lease.pk)
    if lease.status not in Lease.LIVE:
        raise DomainError("lease_ended", "This number has been released; it can no longer be configured.")
    if not lease.project.is_active:
        raise DomainError("project_archived", "This project is archived; nothing in it can be changed.")
    if lease.friendly_name != name:
        audit.record(
            project_id=lease.project_id,
            by=by,
            action="number.renamed",
            subject=lease.number.e164,
            before=lease.friendly_name,
            after=name,
            lease=lease.pk,
        )
        lease.friendly_name = name
        lease.save(update_fields=["friendly_name"])
    return lease
