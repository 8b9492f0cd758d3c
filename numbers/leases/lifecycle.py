"""Which status of a lease may follow which."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from numbers.inventory.lifecycle import Lifecycle
from numbers.leases.models import Lease
from portal.core.errors import DomainError

Status = Lease.Status

LEASE = Lifecycle(
    "lease",
    {
        Status.ACTIVE: frozenset({Status.PAST_DUE, Status.RELEASED}),
        Status.PAST_DUE: frozenset({Status.ACTIVE, Status.SUSPENDED, Status.RELEASED}),
        Status.SUSPENDED: frozenset({Status.ACTIVE, Status.RELEASED}),
        Status.RELEASED: frozenset({Status.ACTIVE}),  # undone, while the paid period and the quarantine run
    },
)


def transition(lease: Lease, to: str, *, now: datetime, **changes: Any) -> None:
    """Moves a lease and keeps its end in step; raises ``lease_status_changed``."""
    LEASE.transition(lease, to, ended_at=now if to == Status.RELEASED else None, **changes)


def transition_all(ids: Collection[int], to: str, *, since: str, **changes: Any) -> None:
    """Moves live leases that the caller has locked: every one of them, or it raises ``lease_status_changed``."""
    moved = LEASE.transition_all(Lease.objects.filter(pk__in=ids), to, since=since, **changes) if ids else 0
    if moved != len(ids):
        raise DomainError("lease_status_changed", f"Of {len(ids)} leases only {moved} could become {to}.", now=None)
