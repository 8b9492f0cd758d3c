"""The steps of a decision in sentences that customers read: in the route simulator, and of calls of the past."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from billing import money
from billing.pricing.models import CallPrice
from billing.pricing.tariff import Tariff
from numbers.routing.block_list import ANONYMOUS, spell_entry
from numbers.routing.decision import Decision, Leg, Step
from numbers.routing.models import RouteKind
from portal.accounts import countries
from portal.accounts.telephone import international


@dataclass(frozen=True, slots=True)
class Line:
    """``mark``: ok, note or stop."""

    mark: str
    text: str


def lines(decision: Decision) -> list[Line]:
    """Every step in order; the last is the one that stopped the call, if anything did."""
    found = []
    for step in decision.steps:
        mark = "note" if step.code in ("no_active_users", "no_second_leg") else "ok"
        if step.code == decision.refusal:
            mark = "stop"
        found.append(Line(mark, step_in_words(step)))
    return found


def outcome(decision: Decision) -> str:
    """``It rings: anna, ben.`` or ``It does not ring.``; what is called in one line."""
    if decision.first is None:
        return "It does not ring."
    return f"It rings: {leg_in_words(decision.first)}."


def step_in_words(step: Step) -> str:
    return _WORDS[step.code](step.facts)


def leg_in_words(leg: Leg) -> str:
    if leg.kind == RouteKind.USERS:
        return _and(leg.usernames)
    if leg.server is not None:
        return f"{'the SIP trunk' if leg.is_trunk else 'the SIP server'} {leg.server.shown}"
    return international(leg.phone.e164) if leg.phone else "nobody"


def tariff_in_words(tariff: Tariff) -> str:
    """``0.02 USD a minute, charged by the minute``."""
    if not tariff.first_charge:
        return "nothing"
    parts = [f"{money.display(tariff.price_per_minute)} a minute"]
    if tariff.connection_fee:
        parts.append(f"{money.display(tariff.connection_fee)} when it is answered")
    return f"{' and '.join(parts)}, {_intervals(tariff)}"


def _intervals(tariff: Tariff) -> str:
    first, following = tariff.first_interval, tariff.next_interval
    if first == following:
        unit = {1: "second", 60: "minute"}.get(first, f"{first} seconds")
        return f"charged by the {unit}" if unit in ("second", "minute") else f"charged in steps of {unit}"
    return f"charged for at least {duration(first)}, then in steps of {duration(following)}"


def duration(seconds: int) -> str:
    """``1 hour 2 minutes``, ``45 seconds``."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [
        f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in ((hours, "hour"), (minutes, "minute")) if count
    ]
    if rest or not parts:
        parts.append(f"{rest} second{'' if rest == 1 else 's'}")
    return " ".join(parts)


def _and(names: tuple[str, ...]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


def _country(code: str) -> str:
    return "numbers of no country" if code == CallPrice.INTERNATIONAL else countries.in_a_sentence(code)


def _number(facts: dict[str, Any]) -> str:
    return f"{international(facts['did'])} is a number of this project, and paid."


def _caller(facts: dict[str, Any]) -> str:
    caller = facts["caller"]
    if caller is None:
        return "It is not known who calls, so the block lists were not asked."
    who = "A caller who hides the number" if caller == ANONYMOUS else international(caller)
    return f"{who} is not on a block list."


def _setting(facts: dict[str, Any]) -> str:
    return f"The number has its own setting: {RouteKind(facts['kind']).label} (version {facts['version']})."


def _default(facts: dict[str, Any]) -> str:
    return (
        "The number has no setting of its own, so the SIP trunk of Number Settings takes the call "
        f"(version {facts['version']})."
    )


def _leg(facts: dict[str, Any]) -> str:
    leg: Leg = facts["leg"]
    if leg.kind == RouteKind.USERS:
        rings = "rings" if len(leg.usernames) == 1 else "ring together"
        return f"{leg_in_words(leg)} {rings} for {duration(facts['seconds'])}."
    if leg.phone is None or leg.phone.tariff is None:
        return f"The call goes to {leg_in_words(leg)}, which costs nothing."
    return (
        f"The call goes to {leg_in_words(leg)} ({_country(leg.phone.country)}). "
        f"That costs {tariff_in_words(leg.phone.tariff)}."
    )


def _second_leg(facts: dict[str, Any]) -> str:
    leg: Leg = facts["leg"]
    cost = f", for {tariff_in_words(leg.phone.tariff)}" if leg.phone and leg.phone.tariff else ""
    return f"If nobody answers within {duration(facts['seconds'])}, it goes to {leg_in_words(leg)}{cost}."


def _no_second_leg(facts: dict[str, Any]) -> str:
    return f"If nobody answers, {leg_in_words(facts['leg'])} is not called. {step_in_words(facts['reason'])}"


def _shown(facts: dict[str, Any]) -> str:
    return f"The called phone shows {international(facts['shown'])} as the caller."


def _limits(facts: dict[str, Any]) -> str:
    seconds = facts["seconds"]
    longest = f"It can last {duration(seconds)}"
    if seconds < settings.CALL_MAX_SECONDS:
        longest += ": so long the credit and the spending cap pay for it"
    return f"{longest}. At most {facts['channels']} calls of the project at the same time."


def _barred(facts: dict[str, Any]) -> str:
    if target := facts.get("target"):
        return f"Calls cannot be sent to {target}."
    return f"The project is {facts['project']}: its numbers do not ring."


def _blocked(facts: dict[str, Any]) -> str:
    where = "of this number" if facts["by"] == "number" else "in Number Settings"
    return f"The caller is on the block list {where}: {spell_entry(facts['entry'])}."


def _not_configured(facts: dict[str, Any]) -> str:
    if facts["empty"]:
        return "Nobody is left who could be rung."
    return "Nothing is set for this number, and Number Settings have no SIP trunk."


def _price_limit(facts: dict[str, Any]) -> str:
    price, limit = money.display(facts["price"]), money.display(facts["limit"])
    return f"A minute costs {price}, more than Number Settings allow ({limit})."


def _spend_cap(facts: dict[str, Any]) -> str:
    spent, cap = money.display(facts["spent"]), money.display(facts["cap"])
    return f"Calls have cost {spent} in the last 24 hours; the spending cap of the project is {cap}."


def _no_credit(facts: dict[str, Any]) -> str:
    credit, needed = money.display(max(facts["credit"], Decimal(0))), money.display(facts["needed"])
    return f"The credit ({credit}) does not pay for the beginning of the call ({needed})."


_WORDS = {
    "number": _number,
    "caller": _caller,
    "setting": _setting,
    "default": _default,
    "no_active_users": lambda _: "None of the Call Forward Users is active.",
    "leg": _leg,
    "second_leg": _second_leg,
    "no_second_leg": _no_second_leg,
    "shown_caller": _shown,
    "limits": _limits,
    "unknown_number": lambda _: "Nobody holds this number.",
    "released": lambda _: "The number has been released.",
    "suspended": lambda _: "The number is suspended because its renewal is not paid.",
    "barred": _barred,
    "blocked_caller": _blocked,
    "not_configured": _not_configured,
    "no_price": lambda facts: f"Calls to {_country(facts['country'])} have no price yet.",
    "country_not_allowed": lambda facts: f"Number Settings do not allow calls to {_country(facts['country'])}.",
    "price_limit": _price_limit,
    "spend_cap": _spend_cap,
    "insufficient_credit": _no_credit,
}
