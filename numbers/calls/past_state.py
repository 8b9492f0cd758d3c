"""What decided where a call went, as it was at a moment of the past.

Put together from versions, prices with their validity, the ledger and the audit trail. What no history tells (ranges
that staff removed from the barred ones since) is as it is now.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Value

from billing.ledger.queries import balance_at
from billing.pricing.models import CallPrice
from billing.pricing.services import tariff_of
from numbers.leases.models import Lease
from numbers.routing import route_settings, versions
from numbers.routing.barred import barred_reason
from numbers.routing.block_list import matching_entry
from numbers.routing.call_state import CallState, Phone
from numbers.routing.models import RouteKind, RoutingVersion
from numbers.routing.queries import app_users
from numbers.routing.route_settings import ProjectSettings, RouteSettings
from numbers.routing.spend import spent
from numbers.routing.targets import describe
from projects.models import AppUser, AuditEntry, Project

_SUSPENDED, _UNPAID_EVENTS = "number.suspended", ("number.suspended", "number.restored")
_PROJECT_STATES = {
    "project.archived": Project.Status.ARCHIVED,
    "project.restored": Project.Status.ACTIVE,
    "project.suspended": Project.Status.SUSPENDED,
    "project.suspension_lifted": Project.Status.ACTIVE,
}
_USER_EVENTS = ("app_user.activated", "app_user.deactivated")


@dataclass(frozen=True, slots=True)
class Setting:
    """What was set for a number and its project, with the versions; None before the first."""

    version: int | None
    route: RouteSettings
    project_version: int | None
    project: ProjectSettings


def setting_at(lease: Lease, at: datetime) -> Setting:
    """In force at that moment."""
    number, project = versions.of_lease(lease), versions.of_project(lease.project_id)
    return _setting(lease, versions.in_force(number, at), versions.in_force(project, at))


def setting_of(lease: Lease, version: int, project_version: int) -> Setting:
    """Of these versions, as the tag of a route names them; 0 = nothing set."""
    number = versions.of_lease(lease).filter(version=version).first()
    project = versions.of_project(lease.project_id).filter(version=project_version).first()
    return _setting(lease, number, project)


def _setting(lease: Lease, number: RoutingVersion | None, project: RoutingVersion | None) -> Setting:
    return Setting(
        number.version if number else None,
        route_settings.route_from_json(number.settings) if number else RouteSettings(),
        project.version if project else None,
        route_settings.project_from_json(project.settings) if project else ProjectSettings(),
    )


def past_state(lease: Lease, caller: str | None, at: datetime, setting: Setting) -> CallState:
    """``lease`` with its number and project, held at ``at``. ``caller`` as of block_list.caller_of."""
    route, project, trail = setting.route, setting.project, _trail(lease, at)
    state = CallState(
        lease.number.e164,
        number_id=lease.number_id,
        number_status=lease.number.status,
        lease_id=lease.pk,
        lease_status=_lease_status(lease, trail),
        project_id=lease.project_id,
        project_status=_project_status(lease.project, trail),
        route=route,
        version=setting.version,
        project=project,
        project_version=setting.project_version,
        blocked_by_number=matching_entry(caller or "", route.blocked),
        blocked_by_project=matching_entry(caller or "", project.blocked),
        usernames=_usernames(lease.project_id, route, at),
    )
    if RouteKind.PSTN not in (route.kind, route.fallback.kind):
        return state
    return replace(
        state,
        target=_phone(route.pstn, at) if route.kind == RouteKind.PSTN else None,
        fallback=_phone(route.fallback.pstn, at),
        credit=balance_at(lease.project_id, at),
        spent=spent(lease.project_id, at),
    )


@dataclass(frozen=True, slots=True)
class _Trail:
    """Of what stops all calls: the last action until a moment, and the first after it; "" where there is none."""

    number_before: str
    number_after: str
    project_before: str
    project_after: str


def _trail(lease: Lease, at: datetime) -> _Trail:
    """In one query."""
    entries = AuditEntry.objects.filter(project_id=lease.project_id)
    about = {
        "number": entries.filter(subject=lease.number.e164, action__in=_UNPAID_EVENTS),
        "project": entries.filter(action__in=list(_PROJECT_STATES)),
    }
    parts = []
    for name, found in about.items():
        parts.append(found.filter(at__lte=at).order_by("-id").annotate(side=Value(f"{name}_before"))[:1])
        parts.append(found.filter(at__gt=at).order_by("id").annotate(side=Value(f"{name}_after"))[:1])
    rows = [part.values_list("side", "action") for part in parts]
    known = dict(rows[0].union(*rows[1:], all=True))
    sides = ("number_before", "number_after", "project_before", "project_after")
    return _Trail(*(known.get(side, "") for side in sides))


def _lease_status(lease: Lease, trail: _Trail) -> str:
    """The lease was held then; whether it rang is told by the trail, and without a trace by what it is now."""
    if trail.number_before or trail.number_after:
        return Lease.Status.SUSPENDED if trail.number_before == _SUSPENDED else Lease.Status.ACTIVE
    return lease.status if lease.status != Lease.Status.RELEASED else Lease.Status.ACTIVE


def _project_status(project: Project, trail: _Trail) -> str:
    if trail.project_before or trail.project_after:
        return _PROJECT_STATES.get(trail.project_before, Project.Status.ACTIVE)
    return project.status


def _usernames(project_id: int, route: RouteSettings, at: datetime) -> tuple[str, ...]:
    """Of the users that were active."""
    if route.kind != RouteKind.USERS:
        return ()
    listed = app_users(project_id, route.users)
    names = [user.username for user in listed]
    # The first change since: what it made otherwise is what was.
    since = AuditEntry.objects.filter(project_id=project_id, action__in=_USER_EVENTS, subject__in=names, at__gt=at)
    first = dict(since.order_by("-id").values_list("subject", "action"))
    return tuple(user.username for user in listed if _was_active(user, first.get(user.username, "")))


def _was_active(user: AppUser, changed_since: str) -> bool:
    if not changed_since:
        return user.is_active
    return changed_since == "app_user.deactivated"


def _phone(e164: str, at: datetime) -> Phone | None:
    if not e164:
        return None
    country = describe(e164).region
    price = CallPrice.valid_at(at).filter(country=country).first()
    return Phone(e164, country, barred_reason(e164, at=at), tariff_of(price) if price else None)
