"""Calls that would come back to where they came from, by way of our own numbers."""

from numbers.leases.models import Lease
from numbers.routing.models import CallRoute, RouteKind

MAX_HOPS = 8


def is_forwarding_loop(did: str, target: str) -> bool:
    """True when calls to ``did`` that are sent to ``target`` can come back to ``did``: at once, or if nobody answers.

    A chain of more than ``MAX_HOPS`` numbers counts as a loop.
    """
    reached, frontier = {target}, {target}
    for _ in range(MAX_HOPS):
        if did in frontier:
            return True
        following = _following(frontier)
        frontier = following - reached
        reached |= following
        if not frontier:
            return did in reached
    return True


def _following(numbers: set[str]) -> set[str]:
    """Telephone numbers that calls to these are sent on to."""
    routes = CallRoute.objects.filter(lease__number__e164__in=numbers, lease__status__in=Lease.LIVE)
    found: set[str] = set()
    for kind, target, second, fallback in routes.values_list(
        "kind", "pstn_target", "fallback_kind", "fallback_pstn_target"
    ):
        found |= {target} if kind == RouteKind.PSTN else set()
        found |= {fallback} if second == RouteKind.PSTN else set()
    return found
