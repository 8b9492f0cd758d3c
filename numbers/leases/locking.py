"""The lock on a lease, and what must hold before it is changed."""

from numbers.leases.models import Lease
from portal.core.errors import DomainError
from projects.access import require_active


def lock_lease(lease: Lease) -> Lease:
    """The lease as it is now, with number and project; other changes wait for the end of the transaction."""
    return Lease.objects.select_for_update(of=("self",)).select_related("number", "project").get(pk=lease.pk)


def lock_for_settings(lease: Lease) -> Lease:
    """Locks a lease whose settings are about to change. Raises ``lease_ended``, ``project_archived``."""
    lease = lock_lease(lease)
    require_live(lease)
    require_active(lease.project)
    return lease


def require_live(lease: Lease) -> None:
    """Raises ``lease_ended`` for a released number."""
    if lease.status not in Lease.LIVE:
        raise lease_ended()


def lease_ended() -> DomainError:
    return DomainError("lease_ended", "This number has already been released; it can no longer be configured.")
