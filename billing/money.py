"""Amounts of money: Decimal, six places inside, cents only at the payment gateway."""

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from django.conf import settings

MICRO = Decimal("0.000001")
CENT = Decimal("0.01")


def money(value: Decimal | int | str) -> Decimal:
    """``value`` in units of the installation's currency, rounded half up to six places.

    Raises TypeError for a float: a binary fraction is not an amount.
    """
    if isinstance(value, float):
        raise TypeError("An amount of money must not be a float.")
    return Decimal(value).quantize(MICRO, rounding=ROUND_HALF_UP)


def to_cents(amount: Decimal) -> int:
    """Minor units for the gateway. Raises ValueError when the amount has a fraction of a cent."""
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} is not a whole number of cents")
    return int(cents)


def ceil_to_cents(amount: Decimal) -> Decimal:
    """The smallest whole number of cents that is enough to pay ``amount``."""
    return amount.quantize(CENT, rounding=ROUND_CEILING)


def from_cents(cents: int) -> Decimal:
    return money(Decimal(cents) / 100)


def display(amount: Decimal, *, places: int = 2) -> str:
    """``1,234.50 USD``; more than two places are shown only when they are not zero."""
    exact = money(amount)
    whole_cents = exact == exact.quantize(CENT)
    text = f"{exact:,.{places}f}" if whole_cents else f"{exact:,.6f}".rstrip("0")
    return f"{text} {settings.CURRENCY}"
