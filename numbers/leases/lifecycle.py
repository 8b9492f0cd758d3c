"""Which status of a lease may follow which."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from numbers.inventory.lifecycle import Lifecycle
from numbers.leases.models import Lease
from portal.core.errors import DomainError

LEASE = Lifecycle(
    "lease",
    {
        "active": frozenset({"past_due", "released"}),
        "past_due": frozenset({"active", "suspended", "released"}),
        "suspended": frozenset({"active", "released"}),
        "released": frozenset({"active"}),  # the undo, while the paid period runs and the number is in quarantine
    },
)


def transition(lease: Lease, to: str, *, now: datetime, **changes: Any) -> None:
    """Moves a lease and keeps its end in step; raises ``lease_status_changed``."""
    LEASE.transition(lease, to, ended_at=now if to == Lease.Status.RELEASED else None, **changes)


def transition_all(ids: Collection[int], to: str, *, since: str, **changes: Any) -> None:
    """Moves live leases that the caller has locked: every one of them, or it raises ``lease_status_changed``."""
    moved = LEASE.transition_all(Lease.objects.filter(pk__in=ids), to, since=since, **changes) if ids else 0
    if moved != len(ids):
        raise DomainError("lease_status_changed", f"Of {len(ids)} leases only {moved} could become {to}.", now=None)
