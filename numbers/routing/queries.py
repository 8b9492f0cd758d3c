"""Reading where calls go."""

from numbers.leases.models import Lease
from numbers.routing.models import CallRoute

MAX_HOPS = 8


def route_for(e164: str) -> CallRoute | None:
    """The route of a leased number; None when it is not leased or nothing is set."""
    return (
        CallRoute.objects.filter(lease__number__e164=e164, lease__status__in=Lease.LIVE)
        .exclude(kind=CallRoute.Kind.NONE)
        .first()
    )


def is_forwarding_loop(did: str, target: str) -> bool:
    """True when calls to ``did`` sent to ``target`` come back to ``did``, also by way of our numbers."""
    for _ in range(MAX_HOPS):
        if target == did:
            return True
        following = route_for(target)
        if following is None or following.kind != CallRoute.Kind.PSTN:
            return False
        target = following.pstn_target
    return True
