"""What decided where a call went, as it was at a moment of the past.

Put together from versions, prices with their validity, the ledger and the audit trail. What no history tells (ranges
that staff removed from the barred ones since) is as it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from billing.ledger.queries import balance_at
from billing.pricing.models import CallPrice
from billing.pricing.services import tariff_of
from numbers.leases.models import Lease
from numbers.routing import route_settings, versions
from numbers.routing.barred import barred_ranges, fixed_reason
from numbers.routing.block_list import matching_entry
from numbers.routing.call_state import CallState, Phone
from numbers.routing.models import RouteKind, RoutingVersion
from numbers.routing.route_settings import ProjectSettings, RouteSettings
from numbers.routing.spend import spent_at
from numbers.routing.targets import describe
from projects.models import AppUser, AuditEntry, Project

Tag = tuple[int, int]  # versions of a number and of its project, as the tag of a route names them; 0 = nothing set
Known = dict[str, Any]
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


def settings_of(lease: Lease, at: datetime, tag: Tag | None) -> tuple[Setting, Setting]:
    """What was in force at that moment, and what ``tag`` names (without one the same). One query."""
    number, project = versions.of_lease(lease), versions.of_project(lease.project_id)
    wanted = {"number": number.filter(at__lte=at), "project": project.filter(at__lte=at)}
    if tag:
        wanted |= {"tagged_number": number.filter(version=tag[0]), "tagged_project": project.filter(version=tag[1])}
    parts = [found.annotate(part=Value(name))[:1] for name, found in wanted.items()]
    known = {version.part: version for version in parts[0].union(*parts[1:], all=True)}
    in_force = _setting(known.get("number"), known.get("project"))
    return in_force, _setting(known.get("tagged_number"), known.get("tagged_project")) if tag else in_force


def _setting(number: RoutingVersion | None, project: RoutingVersion | None) -> Setting:
    return Setting(
        number.version if number else None,
        route_settings.route_from_json(number.settings) if number else RouteSettings(),
        project.version if project else None,
        route_settings.project_from_json(project.settings) if project else ProjectSettings(),
    )


def past_state(lease: Lease, caller: str | None, at: datetime, setting: Setting) -> CallState:
    """``lease`` with its number and project, held at ``at``. ``caller`` as of block_list.caller_of. Two queries at
    most."""
    route, project = setting.route, setting.project
    known = _known(lease, route, at)
    state = CallState(
        lease.number.e164,
        number_id=lease.number_id,
        number_status=lease.number.status,
        lease_id=lease.pk,
        lease_status=_lease_status(lease, known),
        project_id=lease.project_id,
        project_status=_project_status(lease.project, known),
        route=route,
        version=setting.version,
        project=project,
        project_version=setting.project_version,
        blocked_by_number=matching_entry(caller or "", route.blocked),
        blocked_by_project=matching_entry(caller or "", project.blocked),
        usernames=_usernames(route, known["users"] or ()),
    )
    phones = _phones(route)
    if not phones:
        return state
    prices = {price.country: price for price in CallPrice.valid_at(at).filter(country__in=_countries(phones))}
    found: Known = {name: _phone(e164, known[f"{name}_barred"], prices) for name, e164 in phones.items()}
    return replace(state, **found, credit=known["credit"] or Decimal(0), spent=known["spent"] or Decimal(0))


def _phones(route: RouteSettings) -> dict[str, str]:
    """That a call costs something to: E.164 by step."""
    steps = {"target": route.pstn if route.kind == RouteKind.PSTN else "", "fallback": route.fallback.pstn}
    return {name: e164 for name, e164 in steps.items() if e164}


def _known(lease: Lease, route: RouteSettings, at: datetime) -> Known:
    """In one query what the audit trail, the app users and, where a call cost something, ledger and staff say."""
    found: dict[str, Subquery] = {"users": ArraySubquery(_users(lease.project_id, route, at)), **_trail(lease, at)}
    if phones := _phones(route):
        found["credit"] = Subquery(balance_at(lease.project_id, at))
        found["spent"] = Subquery(spent_at(lease.project_id, at))
        found |= {f"{name}_barred": Subquery(barred_ranges(e164, at=at)[:1]) for name, e164 in phones.items()}
    return dict(Project.objects.filter(pk=lease.project_id).values(**found).get())


def _trail(lease: Lease, at: datetime) -> dict[str, Subquery]:
    """What stops all calls: the last action until a moment, and the first after it; none where there is none."""
    entries = AuditEntry.objects.filter(project_id=lease.project_id)
    about = {
        "number": entries.filter(subject=lease.number.e164, action__in=_UNPAID_EVENTS),
        "project": entries.filter(action__in=list(_PROJECT_STATES)),
    }
    found = {}
    for name, those in about.items():
        found[f"{name}_before"] = Subquery(those.filter(at__lte=at).order_by("-id").values("action")[:1])
        found[f"{name}_after"] = Subquery(those.filter(at__gt=at).order_by("id").values("action")[:1])
    return found


def _lease_status(lease: Lease, known: Known) -> str:
    """The lease was held then; whether it rang is told by the trail, and without a trace by what it is now."""
    if known["number_before"] or known["number_after"]:
        return Lease.Status.SUSPENDED if known["number_before"] == _SUSPENDED else Lease.Status.ACTIVE
    return lease.status if lease.status != Lease.Status.RELEASED else Lease.Status.ACTIVE


def _project_status(project: Project, known: Known) -> str:
    if known["project_before"] or known["project_after"]:
        return _PROJECT_STATES.get(known["project_before"], Project.Status.ACTIVE)
    return project.status


def _users(project_id: int, route: RouteSettings, at: datetime) -> QuerySet[AppUser, Any]:
    """Those of the route, each with the first change since: what it made otherwise is what was."""
    since = AuditEntry.objects.filter(
        project_id=project_id, subject=OuterRef("username"), action__in=_USER_EVENTS, at__gt=at
    )
    row = JSONObject(
        pk="pk", username="username", is_active="is_active", changed=Subquery(since.order_by("id").values("action")[:1])
    )
    ids = route.users if route.kind == RouteKind.USERS else ()
    return AppUser.objects.filter(project_id=project_id, pk__in=ids).order_by().values(row=row)


def _usernames(route: RouteSettings, users: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Of those that were active, in the order of the route."""
    names = {user["pk"]: user["username"] for user in users if _was_active(user)}
    return tuple(names[pk] for pk in route.users if pk in names)


def _was_active(user: dict[str, Any]) -> bool:
    return bool(user["changed"] == "app_user.deactivated" if user["changed"] else user["is_active"])


def _countries(phones: dict[str, str]) -> set[str]:
    return {describe(e164).region for e164 in phones.values()}


def _phone(e164: str, barred: str | None, prices: dict[str, CallPrice]) -> Phone:
    country = describe(e164).region
    price = prices.get(country)
    return Phone(e164, country, fixed_reason(e164) or barred or "", tariff_of(price) if price else None)
