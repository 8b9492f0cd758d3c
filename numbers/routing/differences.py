"""What a change was, in sentences that customers read."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from billing import money
from numbers.routing.block_list import spell_entry
from numbers.routing.models import CallerId, RouteKind
from numbers.routing.route_settings import ProjectSettings, RouteSettings, SecondStep, SipServer
from portal.accounts import countries
from portal.accounts.telephone import international, spell_out

Names = Mapping[int, str]  # of app users, by id


def target_in_words(settings: RouteSettings, names: Names) -> str:
    """Where calls go: ``+442079460018``, ``203.0.113.9:5060``, ``anna, ben``; "" if nothing is in use."""
    if settings.kind == RouteKind.PSTN:
        return settings.pstn
    if settings.kind == RouteKind.SIP and settings.sip:
        return settings.sip.shown
    if settings.kind == RouteKind.USERS:
        return ", ".join(names.get(pk, "?") for pk in settings.users)
    return ""


def of_routes(before: RouteSettings, after: RouteSettings, names: Names) -> list[str]:
    return list(_routes(before, after, names))


def _routes(before: RouteSettings, after: RouteSettings, names: Names) -> Iterator[str]:
    yield from _destination(before, after, names)
    yield from _users(before, after, names)
    if before.ring_seconds != after.ring_seconds:
        yield f"Ring time: {after.ring_seconds} instead of {before.ring_seconds} seconds."
    if before.caller_id != after.caller_id:
        yield f"The called phone shows: {CallerId(after.caller_id).label.lower()}."
    if before.fallback != after.fallback:
        old, new = (step_in_words(each.fallback, nothing="nothing") for each in (before, after))
        yield f"If nobody answers: {new} instead of {old}."
    yield from _blocked(before.blocked, after.blocked)


def _destination(before: RouteSettings, after: RouteSettings, names: Names) -> Iterator[str]:
    old, new = _kind_and_target(before, names), _kind_and_target(after, names)
    if before.kind == after.kind == RouteKind.USERS or old == new:
        return
    yield f"Calls go to {new} instead of {old}."


def _kind_and_target(settings: RouteSettings, names: Names) -> str:
    if settings.kind == RouteKind.NONE:
        return "the project default"
    return f"{RouteKind(settings.kind).label} ({spell_out(target_in_words(settings, names))})"


def _users(before: RouteSettings, after: RouteSettings, names: Names) -> Iterator[str]:
    if not before.kind == after.kind == RouteKind.USERS:
        return
    added = [names.get(pk, "?") for pk in after.users if pk not in before.users]
    removed = [names.get(pk, "?") for pk in before.users if pk not in after.users]
    if added:
        yield f"Added to Call Forward Users: {', '.join(added)}."
    if removed:
        yield f"Removed from Call Forward Users: {', '.join(removed)}."
    if not added and not removed and before.users != after.users:
        yield "Order of Call Forward Users: " + ", ".join(names.get(pk, "?") for pk in after.users) + "."


def step_in_words(step: SecondStep, *, nothing: str) -> str:
    """``+44 20 7946 0018``, ``203.0.113.9:5060``"""
    if step.pstn:
        return international(step.pstn)
    return step.sip.shown if step.sip else nothing


def _blocked(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    added = [spell_entry(each) for each in after if each not in before]
    removed = [spell_entry(each) for each in before if each not in after]
    if added:
        yield f"Blocked: {', '.join(added)}."
    if removed:
        yield f"No longer blocked: {', '.join(removed)}."


def of_projects(before: ProjectSettings, after: ProjectSettings) -> list[str]:
    return list(_projects(before, after))


def _projects(before: ProjectSettings, after: ProjectSettings) -> Iterator[str]:
    if before.trunk != after.trunk:
        yield f"SIP trunk for incoming calls: {_server(after.trunk)} instead of {_server(before.trunk)}."
    yield from _blocked(before.blocked, after.blocked)
    if before.countries != after.countries:
        yield f"Calls may be forwarded to: {_countries(after.countries)}."
    if before.dearest_price != after.dearest_price:
        yield f"Dearest price per minute: {_amount(after.dearest_price)}."
    if before.spend_cap != after.spend_cap:
        yield f"Spending cap for calls in 24 hours: {_amount(after.spend_cap)}."
    if before.channels != after.channels:
        yield f"Calls at once: {after.channels or 'our standard'}."


def _server(server: SipServer | None) -> str:
    return server.shown if server else "none"


def _countries(codes: tuple[str, ...] | None) -> str:
    if codes is None:
        return "all countries"
    return ", ".join(countries.name(code) for code in codes) or "no country"


def _amount(amount: Decimal | None) -> str:
    return "our standard" if amount is None else money.display(amount)
