"""Writing what was set for incoming calls of numbers: the routes, their versions, and the audit trail, in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from numbers.leases.models import Lease
from numbers.routing import differences, route_settings, targets, versions
from numbers.routing.models import CallRoute, RouteKind, RoutingVersion
from numbers.routing.queries import app_users
from numbers.routing.route_settings import RouteSettings
from projects import audit
from projects.actor import Actor

CHUNK = 500  # rows of one statement
Facts = dict[str, str]


@dataclass(frozen=True, slots=True)
class RouteChange:
    """``lease`` is locked, with its number; ``version`` is the one that ``before`` has, 0 for none."""

    lease: Lease
    version: int
    before: RouteSettings
    after: RouteSettings

    def in_words(self, names: differences.Names) -> list[str]:
        return differences.of_routes(self.before, self.after, names)


def names_of(project_id: int, changes: Sequence[RouteChange]) -> dict[int, str]:
    """Usernames by id, of all app users in ``changes``. One query."""
    ids = {pk for each in changes for pk in (*each.before.users, *each.after.users)}
    return {user.pk: user.username for user in app_users(project_id, ids)}


def write_routes(
    project_id: int, changes: Sequence[RouteChange], *, by: Actor, now: datetime, restores: int | None = None
) -> list[CallRoute]:
    """Each becomes a version; they were checked. Call inside the transaction that locked the leases."""
    names = names_of(project_id, changes)
    rows = [_row(each, now) for each in changes]
    own = {field.name for field in CallRoute._meta.concrete_fields} - {"lease"}
    CallRoute.objects.bulk_create(
        rows, batch_size=CHUNK, update_conflicts=True, unique_fields=["lease"], update_fields=sorted(own)
    )
    _record_events(project_id, changes, names, by)
    made = [
        versions.new(
            project_id=project_id,
            lease_id=each.lease.pk,
            version=row.version,
            settings=each.after,
            changes=each.in_words(names),
            by=by,
            now=now,
            restores=restores,
        )
        for each, row in zip(changes, rows, strict=True)
    ]
    RoutingVersion.objects.bulk_create(made, batch_size=CHUNK)
    return rows


def _row(change: RouteChange, now: datetime) -> CallRoute:
    after = change.after
    phones = {phone: targets.region_of(phone) for phone in (after.pstn, after.fallback.pstn) if phone}
    columns = route_settings.columns_of_route(after, phones)
    return CallRoute(lease=change.lease, version=change.version + 1, updated_at=now, **columns)


def _record_events(project_id: int, changes: Sequence[RouteChange], names: differences.Names, by: Actor) -> None:
    entries = [(*_event(each, names), each.lease.number.e164) for each in changes]
    for action, group in groupby(sorted(entries, key=lambda each: each[0]), key=lambda each: each[0]):
        audit.record_all(by=by, action=action, subjects=[(project_id, e164, facts) for _, facts, e164 in group])


def _event(change: RouteChange, names: differences.Names) -> tuple[str, Facts]:
    """For the trail: where calls go now (kind and target) if that changed, otherwise that something about them did."""
    was, is_now = ((each.kind, differences.target_in_words(each, names)) for each in (change.before, change.after))
    if is_now[0] == RouteKind.NONE != was[0]:
        return "route.cleared", {"kind": was[0], "before": was[1]}
    if was != is_now:
        return "route.set", {"kind": str(is_now[0]), "target": is_now[1], "before": was[1]}
    return "route.changed", {"changes": " ".join(change.in_words(names))}
