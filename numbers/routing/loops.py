"""Calls that would come back to where they came from, by way of our own numbers."""

from collections.abc import Iterable, Mapping

from numbers.leases.models import Lease
from numbers.routing.models import CallRoute, RouteKind
from numbers.routing.route_settings import RouteSettings

MAX_HOPS = 8
Planned = Mapping[str, RouteSettings]  # by number (E.164): what is about to be set for it
NOTHING: Planned = {}


def is_forwarding_loop(did: str, target: str, planned: Planned = NOTHING) -> bool:
    """True when calls to ``did`` that are sent to ``target`` can come back to ``did``: at once, or if nobody answers.

    A chain of more than ``MAX_HOPS`` numbers counts as a loop. ``planned`` counts for its numbers, not what is set.
    """
    reached, frontier = {target}, {target}
    for _ in range(MAX_HOPS):
        if did in frontier:
            return True
        following = _following(frontier, planned)
        frontier = following - reached
        reached |= following
        if not frontier:
            return did in reached
    return True


def _following(numbers: set[str], planned: Planned) -> set[str]:
    """Telephone numbers that calls to these are sent on to."""
    found = {phone for number in numbers & planned.keys() for phone in planned[number].phones_in_use()}
    return found.union(_set_now(numbers - planned.keys()))


def _set_now(numbers: set[str]) -> Iterable[str]:
    routes = CallRoute.objects.filter(lease__number__e164__in=numbers, lease__status__in=Lease.LIVE)
    for kind, target, second, fallback in routes.values_list(
        "kind", "pstn_target", "fallback_kind", "fallback_pstn_target"
    ):
        if kind == RouteKind.PSTN:
            yield target
        if second == RouteKind.PSTN:
            yield fallback
