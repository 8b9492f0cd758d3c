"""Setting where calls to a number go. Each act makes a version, and one entry in the audit trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from numbers.leases import setting_versions
from numbers.leases.locking import lock_for_settings
from numbers.leases.models import Lease
from numbers.routing import block_list, route_settings, targets, validation, versions
from numbers.routing.models import CallRoute, RouteKind, RoutingVersion
from numbers.routing.queries import limits_of
from numbers.routing.route_changes import RouteChange, write_routes
from numbers.routing.route_settings import RouteSettings, SecondStep, SipServer
from numbers.routing.validation import InvalidSettingError
from projects.actor import Actor
from projects.app_users.models import AppUser
from projects.app_users.usernames import clean_username

Change = Callable[[RouteSettings], RouteSettings]


@transaction.atomic
def change_route(
    *, lease: Lease, change: Change, by: Actor, now: datetime, restores: int | None = None
) -> CallRoute | None:
    """The one door. ``change`` gets what is set and gives what is to be set; the same again changes nothing.

    None if nothing was ever set. Raises ``lease_ended``, ``project_archived``, ``project_suspended`` and what
    :func:`numbers.routing.validation.check_route` raises.
    """
    lease = lock_for_settings(lease)
    route = CallRoute.objects.filter(lease=lease).first()
    before = route_settings.of_route(route)
    after = change(before)
    if after == before:
        return route
    validation.check_route(lease, before, after, limits_of(lease.project_id))
    change_made = RouteChange(lease, route.version if route else 0, before, after)
    return write_routes(lease.project_id, [change_made], by=by, now=now, restores=restores)[0]


def set_pstn(*, lease: Lease, target: str, by: Actor, now: datetime) -> CallRoute:
    """Sends calls to ``target`` (international format) in one step, whatever was set before.

    Errors, besides those of :func:`change_route`: ``invalid_phone_number`` (field ``pstn_number``).
    """
    e164 = targets.parse_target(target).e164
    route = change_route(lease=lease, change=lambda set_: replace(set_, kind=RouteKind.PSTN, pstn=e164), by=by, now=now)
    return _existing(route)


def set_sip(*, lease: Lease, server: SipServer, by: Actor, now: datetime) -> CallRoute:
    """Sends calls to ``server`` (:func:`numbers.routing.sip_targets.parse_server`)."""
    route = change_route(lease=lease, change=lambda set_: replace(set_, kind=RouteKind.SIP, sip=server), by=by, now=now)
    return _existing(route)


def add_user(*, lease: Lease, username: str, by: Actor, now: datetime) -> AppUser:
    """The app user rings with the others from the next call on; whatever was in use before is not any more.

    Raises ``app_user_unknown``, ``app_user_inactive``, ``app_user_listed`` and, for what no username can be, as
    :func:`projects.app_users.usernames.clean_username` (field ``username``).
    """
    name = clean_username(username)
    user = AppUser.objects.filter(project_id=lease.project_id, username=name).first()
    if user is None:
        raise InvalidSettingError(
            code="app_user_unknown",
            message=f"There is no app user “{name}” in this project.",
            field=validation.USER_FIELD,
        )
    if not user.is_active:
        raise InvalidSettingError(
            code="app_user_inactive",
            message=f"{user.username} is deactivated and cannot receive calls.",
            field=validation.USER_FIELD,
        )

    def change(set_: RouteSettings) -> RouteSettings:
        if user.pk in set_.users and set_.kind == RouteKind.USERS:
            raise InvalidSettingError(
                code="app_user_listed", message=f"{user.username} is already in the list.", field=validation.USER_FIELD
            )
        listed = set_.users if user.pk in set_.users else (*set_.users, user.pk)
        return replace(set_, kind=RouteKind.USERS, users=listed)

    change_route(lease=lease, change=change, by=by, now=now)
    return user


def remove_user(*, lease: Lease, user_id: int, by: Actor, now: datetime) -> None:
    """With the last one the number has no setting of its own any more."""

    def change(set_: RouteSettings) -> RouteSettings:
        left = tuple(pk for pk in set_.users if pk != user_id)
        kind = RouteKind.NONE if not left and set_.kind == RouteKind.USERS else set_.kind
        return replace(set_, kind=kind, users=left)

    change_route(lease=lease, change=change, by=by, now=now)


def use(*, lease: Lease, kind: str, by: Actor, now: datetime) -> CallRoute | None:
    """Puts in use what is kept for ``kind``; nothing kept for it: nothing happens."""
    return change_route(
        lease=lease, change=lambda set_: replace(set_, kind=kind) if set_.has(kind) else set_, by=by, now=now
    )


def clear(*, lease: Lease, kind: str, by: Actor, now: datetime) -> None:
    """Removes what is set for ``kind`` (PSTN or SIP). Was it in use, the project default holds from now on."""

    def change(set_: RouteSettings) -> RouteSettings:
        used = RouteKind.NONE if set_.kind == kind else set_.kind
        if kind == RouteKind.PSTN:
            return replace(set_, kind=used, pstn="")
        return replace(set_, kind=used, sip=None) if kind == RouteKind.SIP else set_

    change_route(lease=lease, change=change, by=by, now=now)


def clear_route(*, lease: Lease, by: Actor, now: datetime) -> None:
    """The number has no setting of its own any more; what was in use is removed. The row stays: versions only grow."""

    change_route(lease=lease, change=RouteSettings.cleared, by=by, now=now)


def set_caller_id(*, lease: Lease, caller_id: str, by: Actor, now: datetime) -> None:
    change_route(lease=lease, change=lambda set_: replace(set_, caller_id=caller_id), by=by, now=now)


def set_no_answer(*, lease: Lease, seconds: int, step: SecondStep, by: Actor, now: datetime) -> None:
    """Ring time and second step together: one version."""
    change_route(lease=lease, change=lambda set_: replace(set_, ring_seconds=seconds, fallback=step), by=by, now=now)


def block_caller(*, lease: Lease, entry: str, by: Actor, now: datetime) -> None:
    """``entry`` as of :func:`numbers.routing.block_list.parse_entry`."""
    change_route(
        lease=lease,
        change=lambda set_: replace(set_, blocked=block_list.with_entry(set_.blocked, entry)),
        by=by,
        now=now,
    )


def unblock_caller(*, lease: Lease, entry: str, by: Actor, now: datetime) -> None:
    change_route(
        lease=lease,
        change=lambda set_: replace(set_, blocked=block_list.without_entry(set_.blocked, entry)),
        by=by,
        now=now,
    )


def restore(*, lease: Lease, version: int, by: Actor, now: datetime) -> RoutingVersion:
    """Goes back to what a version said. It is checked as if it were set now. Raises NotFound, and as change_route."""
    found = setting_versions.find(versions.of_lease(lease), version)
    back = route_settings.route_from_json(found.settings)
    change_route(lease=lease, change=lambda _: back, by=by, now=now, restores=version)
    return found


def _existing(route: CallRoute | None) -> CallRoute:
    if route is None:
        raise LookupError("a route was set")
    return route
