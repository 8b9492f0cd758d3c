"""Where a call goes and why: the one function behind a switch's look-up, the simulator and the page of a past call.

It only looks at what it is given. Every step comes with its facts; :mod:`numbers.routing.explanation` has the words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from numbers.inventory.models import Number
from numbers.leases.models import Lease
from numbers.routing import barred
from numbers.routing.call_state import CallState, Phone
from numbers.routing.limits import Limits
from numbers.routing.models import CallerId, RouteKind
from numbers.routing.route_settings import SipServer
from numbers.routing.sip_targets import is_internal
from portal.core.errors import DomainError
from projects.models import Project

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
# Why a call is not connected: code → status of the carrier API (docs/carrier-api.md).
REFUSALS = {
    "unknown_number": 404,
    "released": 410,
    "suspended": 402,
    "barred": 403,
    "blocked_caller": 403,
    "not_configured": 404,
    "no_price": 403,
    "country_not_allowed": 403,
    "price_limit": 403,
    "insufficient_credit": 402,
    "spend_cap": 402,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at. ``code`` is a key of the words, ``facts`` fill them in."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leg:
    """What rings: users together, one SIP server, or one phone."""

    kind: str  # RouteKind
    usernames: tuple[str, ...] = ()
    server: SipServer | None = None
    phone: Phone | None = None
    is_trunk: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """``refusal`` is a key of REFUSALS, or "" when the call is offered to ``first`` and then to ``second``."""

    state: CallState
    steps: tuple[Step, ...]
    refusal: str = ""
    first: Leg | None = None
    second: Leg | None = None
    shown_caller: str = ""  # whom a phone shows: E.164
    max_seconds: int = 0
    channels: int = 0


class CallRefused(DomainError):  # noqa: N818  what happened
    """``code`` is a key of REFUSALS; ``facts`` say why."""

    def __init__(self, *, code: str, **facts: Any) -> None:
        super().__init__(code, "This call is not connected.", status=REFUSALS[code])
        self.step = Step(code, facts)


def decide(state: CallState, caller: str | None) -> Decision:
    """``caller`` as of block_list.caller_of; None when it is not known who calls."""
    steps: list[Step] = []
    try:
        return _offered(state, caller, steps)
    except CallRefused as refused:
        steps.append(refused.step)
        return Decision(state, tuple(steps), refusal=refused.step.code)


def _offered(state: CallState, caller: str | None, steps: list[Step]) -> Decision:
    _check_number(state)
    steps.append(Step("number", {"did": state.e164}))
    _check_caller(state, caller)
    steps.append(Step("caller", {"caller": caller}))
    limits = Limits.of(state.project)
    first = _first(state, steps)
    if first is not None:
        _check_leg(first, state, limits)
        steps.append(Step("leg", {"leg": first, "seconds": _seconds(state)}))
    second = _second(state, limits, steps)
    if first is None and second is None:
        raise CallRefused(code="not_configured", empty=state.route.kind == RouteKind.USERS)
    shown = _shown_caller(state, caller)
    legs = [leg for leg in (first, second) if leg]
    if any(leg.phone for leg in legs):
        steps.append(Step("shown_caller", {"shown": shown}))
    most = _max_seconds(legs, state, limits)
    steps.append(Step("limits", {"seconds": most, "channels": limits.channels}))
    if first is None:
        first, second = second, None
    return Decision(state, tuple(steps), "", first, second, shown, most, limits.channels)


def _seconds(state: CallState) -> int:
    return state.route.ring_seconds


def _check_number(state: CallState) -> None:
    if state.lease_status is None or state.lease_status == Lease.Status.RELEASED:
        on_sale = state.number_status in (Number.Status.AVAILABLE, Number.Status.RESERVED)
        raise CallRefused(code="unknown_number" if state.lease_status is None or on_sale else "released")
    if state.project_status != Project.Status.ACTIVE:
        raise CallRefused(code="barred", project=state.project_status)
    if state.lease_status == Lease.Status.SUSPENDED:
        raise CallRefused(code="suspended")


def _check_caller(state: CallState, caller: str | None) -> None:
    if state.blocked_by_number:
        raise CallRefused(code="blocked_caller", entry=state.blocked_by_number, caller=caller, by="number")
    if state.blocked_by_project:
        raise CallRefused(code="blocked_caller", entry=state.blocked_by_project, caller=caller, by="project")


def _first(state: CallState, steps: list[Step]) -> Leg | None:
    """The setting in use, or the project's trunk; None when it holds nobody who could be rung."""
    route, trunk = state.route, state.project.trunk
    if route.kind == RouteKind.NONE:
        if trunk is None:
            raise CallRefused(code="not_configured", empty=False)
        steps.append(Step("default", {"version": state.project_version}))
        return Leg(RouteKind.SIP, server=trunk, is_trunk=True)
    steps.append(Step("setting", {"kind": route.kind, "version": state.version}))
    if route.kind == RouteKind.USERS and not state.usernames:
        steps.append(Step("no_active_users"))
        return None
    return Leg(
        route.kind,
        usernames=state.usernames if route.kind == RouteKind.USERS else (),
        server=route.sip if route.kind == RouteKind.SIP else None,
        phone=state.target,
    )


def _second(state: CallState, limits: Limits, steps: list[Step]) -> Leg | None:
    """A second step that may not be offered is left out; the first one rings all the same."""
    step = state.route.fallback
    if step.kind == RouteKind.NONE:
        return None
    leg = Leg(step.kind, server=step.sip, phone=state.fallback)
    try:
        _check_leg(leg, state, limits)
    except CallRefused as refused:
        steps.append(Step("no_second_leg", {"leg": leg, "reason": refused.step}))
        return None
    steps.append(Step("second_leg", {"leg": leg, "seconds": _seconds(state)}))
    return leg


def _check_leg(leg: Leg, state: CallState, limits: Limits) -> None:
    if leg.server is not None and is_internal(leg.server.host):
        raise CallRefused(code="barred", target="servers in private networks")
    if leg.phone is not None:
        _check_phone(leg.phone, state, limits)


def _check_phone(phone: Phone, state: CallState, limits: Limits) -> None:
    if words := phone.barred or barred.fixed_reason(phone.e164):
        raise CallRefused(code="barred", target=words)
    if not limits.allows(phone.country):
        raise CallRefused(code="country_not_allowed", country=phone.country)
    if phone.tariff is None:
        raise CallRefused(code="no_price", country=phone.country)
    if phone.tariff.price_per_minute > limits.dearest_price:
        raise CallRefused(code="price_limit", price=phone.tariff.price_per_minute, limit=limits.dearest_price)
    if state.spent >= limits.spend_cap:
        raise CallRefused(code="spend_cap", spent=state.spent, cap=limits.spend_cap)
    if phone.tariff.seconds(state.credit, most=1) == 0:
        raise CallRefused(code="insufficient_credit", credit=state.credit, needed=phone.tariff.first_charge)


def _max_seconds(legs: list[Leg], state: CallState, limits: Limits) -> int:
    """What credit and cap pay for at the dearest leg, at least one interval of it."""
    most = settings.CALL_MAX_SECONDS
    for tariff in _tariffs(legs):
        by_credit = tariff.seconds(state.credit, most=most)
        by_cap = tariff.seconds(limits.spend_cap - state.spent, most=most)
        most = min(most, by_credit, max(by_cap, tariff.first_interval))
    return most


def _tariffs(legs: list[Leg]) -> Iterator[Any]:
    yield from (leg.phone.tariff for leg in legs if leg.phone and leg.phone.tariff)


def _shown_caller(state: CallState, caller: str | None) -> str:
    """The called party sees the number that was called, or where gateways and customer want it the caller. What only
    begins like a number is a text that a stranger wrote."""
    wanted = state.route.caller_id == CallerId.CALLER and settings.PSTN_ORIGINAL_CALLER
    return caller if wanted and caller and _NUMBER.fullmatch(caller) else state.e164
