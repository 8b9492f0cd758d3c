"""Which status of a lease may follow which."""

from datetime import datetime
from typing import Any

from numbers.leases.models import Lease
from numbers.lifecycle import Lifecycle

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
