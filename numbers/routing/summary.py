"""Where calls go, in one line a number, for lists of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from numbers.leases.models import Lease
from numbers.routing import differences
from numbers.routing.models import CallRoute, RouteKind
from numbers.routing.route_settings import RouteSettings, of_project, of_route
from projects.app_users.models import AppUser


@dataclass(frozen=True, slots=True)
class CallSummary:
    label: str  # "App users", "PSTN", "SIP", "SIP trunk"; "" when nothing is set
    target: str
    inherited: bool = False  # from the project


NOTHING = CallSummary("", "")


def add_summaries(project_id: int, leases: Sequence[Lease]) -> None:
    """Sets ``call_summary`` on each, a :class:`CallSummary`. Leases come with number and call route, and the
    project with its call settings: one query for all of them."""
    routes = {lease.pk: of_route(getattr(lease, "call_route", None)) for lease in leases}
    users = {pk for route in routes.values() if route.kind == RouteKind.USERS for pk in route.users}
    names = dict(AppUser.objects.filter(project_id=project_id, pk__in=users).values_list("pk", "username"))
    trunk = of_project(getattr(leases[0].project, "call_settings", None)).trunk if leases else None
    inherited = CallSummary("SIP trunk", trunk.shown, inherited=True) if trunk else NOTHING
    for lease in leases:
        lease.call_summary = _summary(routes[lease.pk], names) or (inherited if lease.number.voice else NOTHING)


def _summary(route: RouteSettings, names: differences.Names) -> CallSummary | None:
    target = differences.target_in_words(route, names)
    return CallSummary(CallRoute.Kind(route.kind).label, target) if target else None
