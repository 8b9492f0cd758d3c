"""What may be set for incoming calls. Only what a change brings is checked: what stood before may stay."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from django.conf import settings

from billing import money
from numbers.leases.models import Lease
from numbers.routing import sip_targets
from numbers.routing.block_list import FIELD as CALLER_FIELD
from numbers.routing.block_list import MOST as MOST_BLOCKED
from numbers.routing.limits import Limits
from numbers.routing.loops import NOTHING, Planned, is_forwarding_loop
from numbers.routing.models import LONGEST_RING, SHORTEST_RING, CallerId, RouteKind
from numbers.routing.route_settings import ProjectSettings, RouteSettings, SipServer
from numbers.routing.targets import FIELD as PSTN_FIELD
from numbers.routing.targets import parse_target
from portal.core.errors import DomainError
from projects.app_users.models import AppUser

USER_FIELD = "username"
Target = TypeVar("Target")


class InvalidSettingError(DomainError):
    """What was entered in ``field`` cannot be set."""

    def __init__(self, *, code: str, message: str, field: str) -> None:
        super().__init__(code, message, field=field, status=400)


def check_route(
    lease: Lease, before: RouteSettings, after: RouteSettings, limits: Limits, planned: Planned = NOTHING
) -> None:
    """``planned``: what is set for other numbers at the same time.

    Raises ``number_without_voice``, ``route_target_barred``, ``route_target_loop``, ``route_country_not_allowed``,
    ``sip_target_private``, ``app_user_unknown``, ``too_many_users``, ``ring_time_invalid``,
    ``caller_id_not_offered``, ``too_many_blocked``; each with its field."""
    if not lease.number.voice:
        raise DomainError("number_without_voice", "This number is for SMS only; it cannot receive calls.")
    for target in {*_new([after.pstn], [before.pstn]), *_new(after.phones_in_use(), before.phones_in_use())}:
        check_target(lease.number.e164, target, limits, planned)
    for server in {*_new([after.sip], [before.sip]), *_new(_servers_in_use(after), _servers_in_use(before))}:
        _check_server(server)
    _check_users(lease.project_id, before, after)
    if not SHORTEST_RING <= after.ring_seconds <= LONGEST_RING:
        message = f"The ring time is a whole number of seconds from {SHORTEST_RING} to {LONGEST_RING}."
        raise InvalidSettingError(code="ring_time_invalid", message=message, field="ring_seconds")
    if after.caller_id == CallerId.CALLER != before.caller_id and not settings.PSTN_ORIGINAL_CALLER:
        message = "The original caller cannot be shown: our gateways only let a number of yours be shown."
        raise InvalidSettingError(code="caller_id_not_offered", message=message, field="caller_id")
    _check_blocked(after.blocked)


def _servers_in_use(set_: RouteSettings) -> list[SipServer | None]:
    return [set_.sip if set_.kind == RouteKind.SIP else None, set_.fallback.sip]


def check_project(before: ProjectSettings, after: ProjectSettings) -> None:
    """Raises ``sip_target_private``, ``too_many_blocked``, ``spend_cap_invalid``, ``call_price_limit_invalid``,
    ``channels_invalid``; each with its field."""
    for server in _new([after.trunk], [before.trunk]):
        _check_server(server)
    _check_blocked(after.blocked)
    if _is_beyond(after.spend_cap, settings.SPEND_CAP_MOST):
        message = _amounts(settings.SPEND_CAP_MOST)
        raise InvalidSettingError(code="spend_cap_invalid", message=message, field="spend_cap")
    if _is_beyond(after.dearest_price, settings.DEAREST_CALL_PRICE_MOST):
        message = _amounts(settings.DEAREST_CALL_PRICE_MOST)
        raise InvalidSettingError(code="call_price_limit_invalid", message=message, field="dearest_price")
    if after.channels is not None and not 1 <= after.channels <= settings.CALL_CHANNELS_MOST:
        message = f"Enter a whole number from 1 to {settings.CALL_CHANNELS_MOST}. For more, please write to support."
        raise InvalidSettingError(code="channels_invalid", message=message, field="channels")


def check_target(did: str, target: str, limits: Limits, planned: Planned = NOTHING) -> None:
    """Whether calls to ``did`` may be sent to the telephone number ``target`` (E.164)."""
    found = parse_target(target)
    if not limits.allows(found.region):
        message = f"Your Number Settings do not allow calls to {found.country}."
        raise InvalidSettingError(code="route_country_not_allowed", message=message, field=PSTN_FIELD)
    if is_forwarding_loop(did, target, planned):
        message = "This would forward calls back to this number; they would never be answered."
        raise InvalidSettingError(code="route_target_loop", message=message, field=PSTN_FIELD)


def _new(after: Iterable[Target | None], before: Iterable[Target | None]) -> list[Target]:
    known = list(before)
    return [each for each in after if each and each not in known]


def _check_server(server: SipServer | None) -> None:
    if server is not None:
        sip_targets.parse_server(server.host, server.port, server.transport)


def _check_users(project_id: int, before: RouteSettings, after: RouteSettings) -> None:
    if len(after.users) > settings.USERS_PER_NUMBER:
        message = f"At most {settings.USERS_PER_NUMBER} users can ring for one number."
        raise InvalidSettingError(code="too_many_users", message=message, field=USER_FIELD)
    added = set(after.users) - set(before.users)
    if added and AppUser.objects.filter(project_id=project_id, pk__in=added).count() < len(added):
        raise InvalidSettingError(
            code="app_user_unknown", message="This project has no such app user.", field=USER_FIELD
        )


def _check_blocked(blocked: tuple[str, ...]) -> None:
    if len(blocked) > MOST_BLOCKED:
        message = f"A block list has at most {MOST_BLOCKED} entries."
        raise InvalidSettingError(code="too_many_blocked", message=message, field=CALLER_FIELD)


def _is_beyond(amount: Decimal | None, most: int) -> bool:
    return amount is not None and not 0 <= amount <= most


def _amounts(most: int) -> str:
    return f"Enter an amount from 0 to {money.display(Decimal(most))}. For more, please write to support."
