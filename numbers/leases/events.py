"""What happens to a leased number, in the audit trail."""

from typing import Any

from numbers.leases.models import Lease
from projects import audit
from projects.actor import Actor
from projects.events import Event, declare

declare(
    Event("number.renamed", "phone", "renamed {number}"),
    Event("number.tagged", "phone", "changed the tags of {number}"),
    Event("number.released", "phone", "released {number}"),
    Event("number.released_unpaid", "phone", "released {number}: its renewal was not paid"),
    Event("number.release_scheduled", "phone", "scheduled the release of {number} for {on}"),
    Event("number.release_withdrawn", "phone", "withdrew the release of {number} scheduled for {on}"),
    Event("number.release_undone", "phone", "undid the release of {number}"),
    Event("number.locked", "phone", "locked {number} against release"),
    Event("number.unlocked", "phone", "unlocked {number}"),
)


def record(lease: Lease, action: str, by: Actor, **data: Any) -> None:
    """An entry about the number; ``lease`` with its number."""
    audit.record(project_id=lease.project_id, by=by, action=action, subject=lease.number.e164, lease=lease.pk, **data)
