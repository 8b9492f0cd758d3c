"""What calls to a telephone number cost, before it is set."""

from dataclasses import dataclass
from datetime import datetime

from billing import money
from billing.pricing.models import CallPrice
from billing.pricing.tariff import Tariff
from numbers.routing.explanation import tariff_in_words
from numbers.routing.limits import Limits
from numbers.routing.targets import Target
from portal.accounts import countries


@dataclass(frozen=True, slots=True)
class PriceQuote:
    price: str  # a sentence; "" when there is no price
    warning: str  # why a call would not be connected; "" when it would


def quote(target: Target, limits: Limits, now: datetime) -> PriceQuote:
    """One query."""
    place = country_in_words(target.region)
    tariff = tariff_to(target.region, now)
    if not limits.allows(target.region):
        warning = f"Your Number Settings do not allow calls to {place}."
    elif tariff is None:
        warning = f"There is no price for calls to {place} yet: they will not be connected. Please write to support."
    elif tariff.price_per_minute > limits.dearest_price:
        most = money.display(limits.dearest_price)
        warning = f"Your Number Settings allow at most {most} a minute: calls will not be connected."
    else:
        warning = ""
    return PriceQuote(f"Calls to {place} cost {tariff_in_words(tariff)}." if tariff else "", warning)


def tariff_to(region: str, now: datetime) -> Tariff | None:
    """``region`` as of :class:`numbers.routing.targets.Target`."""
    found = CallPrice.valid_at(now).filter(country=region).first()
    if found is None:
        return None
    return Tariff(region, found.price_per_minute, found.connection_fee, found.first_interval, found.next_interval)


def country_in_words(region: str) -> str:
    """To follow "calls to"."""
    return countries.in_a_sentence(region) if region in countries.NAMES else "international numbers"
