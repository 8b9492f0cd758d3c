"""Setting where calls go."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from numbers.leases.locking import lock_for_settings
from numbers.leases.models import Lease
from numbers.routing.models import CallRoute
from numbers.routing.queries import is_forwarding_loop
from numbers.routing.targets import FIELD, parse_target
from portal.core.errors import DomainError
from projects import audit
from projects.actor import Actor


@transaction.atomic
def set_pstn(*, lease: Lease, target: str, by: Actor, now: datetime) -> CallRoute:
    """Sends calls to ``target`` (international format) in one step, whatever was set before.

    Setting what is set already changes nothing. Errors: ``invalid_phone_number``, ``route_target_barred``,
    ``route_target_loop`` (all with field ``pstn_number``), ``number_without_voice``, ``lease_ended``,
    ``project_archived``.
    """
    lease = lock_for_settings(lease)
    e164 = _checked_target(lease, target)
    route = CallRoute.objects.filter(lease=lease).first()
    if route and route.kind == CallRoute.Kind.PSTN and route.pstn_target == e164:
        return route
    before = route.active_target if route else ""
    values = {"kind": CallRoute.Kind.PSTN, "pstn_target": e164, "updated_at": now}
    if route is None:
        CallRoute.objects.create(lease=lease, **values)
    else:
        CallRoute.objects.filter(lease=lease).update(version=F("version") + 1, **values)
    audit.record(
        project_id=lease.project_id,
        by=by,
        action="route.set",
        subject=lease.number.e164,
        kind=CallRoute.Kind.PSTN.value,
        target=e164,
        before=before,
    )
    return CallRoute.objects.get(lease=lease)


@transaction.atomic
def clear_route(*, lease: Lease, by: Actor, now: datetime) -> None:
    """The number has no setting of its own any more. The row stays, so that versions only grow."""
    lease = lock_for_settings(lease)
    route = CallRoute.objects.filter(lease=lease).exclude(kind=CallRoute.Kind.NONE).first()
    if route is None:
        return
    CallRoute.objects.filter(lease=lease).update(
        kind=CallRoute.Kind.NONE, pstn_target="", version=F("version") + 1, updated_at=now
    )
    audit.record(
        project_id=lease.project_id,
        by=by,
        action="route.cleared",
        subject=lease.number.e164,
        kind=route.kind,
        before=route.active_target,
    )


def _checked_target(lease: Lease, target: str) -> str:
    """In E.164."""
    if not lease.number.voice:
        raise DomainError("number_without_voice", "This number is for SMS only; it cannot receive calls.")
    e164 = parse_target(target).e164
    if is_forwarding_loop(lease.number.e164, e164):
        raise DomainError(
            "route_target_loop",
            "This would forward calls back to this number; they would never be answered.",
            field=FIELD,
            status=400,
        )
    return e164
