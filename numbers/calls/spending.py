"""What answered paid legs cost is counted against the spending cap when their records come in.

By the default prices of the moment of the call: the cap has to hold before calls are rated, and however they are.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from billing.models import CallPrice
from billing.pricing.services import tariff_of
from numbers.calls.models import Direction
from numbers.calls.reading import Leg
from numbers.routing import spend
from numbers.routing.models import CallRoute, RouteKind
from numbers.routing.targets import region_of

_E164 = re.compile(r"\+?[1-9][0-9]{6,14}", re.ASCII)
Holder = tuple[Leg, int, int]  # with project and lease


def is_paid(leg: Leg) -> bool:
    """An answered leg to a phone; of a switch that does not tell legs apart, the call as a whole."""
    to_phone = leg.values["kind"] == RouteKind.PSTN
    return leg.duration > 0 and to_phone and (leg.values["direction"] == Direction.OUT or not leg.says_direction)


def count(legs: Iterable[Holder]) -> None:
    """Call inside the transaction that stores the records, with those that are new: each counts once."""
    found = list(legs)
    if not found:
        return
    targets = _targets(found)
    countries = {phone: region_of(phone) for phone in targets.values()}
    prices = list(CallPrice.objects.filter(country__in={code for code in countries.values() if code}))
    costs = []
    for leg, project_id, _ in found:
        price = _price(prices, countries.get(targets.get(leg.cdr_id, "")), leg.start)
        if price is not None:
            costs.append((project_id, leg.start, tariff_of(price).cost(leg.duration)))
    spend.add(costs)


def _targets(legs: list[Holder]) -> dict[str, str]:
    """cdr_id → the phone that was called, E.164; where the record does not name it, the one that is set now."""
    named = {leg.cdr_id: leg.values["target"] for leg, *_ in legs if _E164.fullmatch(leg.values["target"])}
    unnamed = {leg.cdr_id: lease_id for leg, _, lease_id in legs if leg.cdr_id not in named}
    routes = CallRoute.objects.filter(pk__in=set(unnamed.values())).exclude(pstn_target="") if unnamed else ()
    known = {route.pk: route.pstn_target for route in routes}
    named |= {cdr_id: known[lease_id] for cdr_id, lease_id in unnamed.items() if lease_id in known}
    return {cdr_id: f"+{phone.removeprefix('+')}" for cdr_id, phone in named.items()}


def _price(prices: list[CallPrice], country: str | None, at: datetime) -> CallPrice | None:
    """What was valid at that moment. Without a price nothing is counted: the leg was not to be offered."""
    valid = (
        price
        for price in prices
        if price.country == country and price.valid_from <= at and (price.valid_to is None or at < price.valid_to)
    )
    return next(valid, None)
