"""Setting what calls cost. A price that was valid is ended, never edited: calls of then are explained by it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from billing.pricing.models import CallPrice
from billing.pricing.tariff import Tariff

_INSTANT = timedelta(microseconds=1)


def tariff_of(price: CallPrice) -> Tariff:
    return Tariff(
        country=price.country,
        price_per_minute=price.price_per_minute,
        connection_fee=price.connection_fee,
        first_interval=price.first_interval,
        next_interval=price.next_interval,
    )


@transaction.atomic
def set_prices(*, tariffs: Iterable[Tariff], by: str, now: datetime) -> list[CallPrice]:
    """From ``now`` on calls to these countries cost this; gives the prices that are new.

    A country whose price is this already is left alone. ``by`` is an e-mail address, or "" for the installation.
    """
    wanted = {tariff.country: tariff for tariff in tariffs}
    current = _locked(wanted)
    changed = [tariff for code, tariff in sorted(wanted.items()) if not _is(current.get(code), tariff)]
    for tariff in changed:
        if tariff.country in current:
            _end(current[tariff.country], now)
    return CallPrice.objects.bulk_create(
        CallPrice(
            country=tariff.country,
            price_per_minute=tariff.price_per_minute,
            connection_fee=tariff.connection_fee,
            first_interval=tariff.first_interval,
            next_interval=tariff.next_interval,
            valid_from=_after(current.get(tariff.country), now),
            added_by=by,
        )
        for tariff in changed
    )


@transaction.atomic
def end_price(*, price: CallPrice, now: datetime) -> bool:
    """Calls to its country are not connected any more until another price is set. False if it had ended before."""
    current = _locked([price.country]).get(price.country)
    if current is None or current.pk != price.pk:
        return False
    _end(current, now)
    return True


def _locked(countries: Iterable[str]) -> dict[str, CallPrice]:
    """The prices without an end, in order of the countries: two imports do not lock each other out."""
    rows = CallPrice.objects.select_for_update().filter(country__in=list(countries), valid_to=None).order_by("country")
    return {price.country: price for price in rows}


def _is(price: CallPrice | None, tariff: Tariff) -> bool:
    return price is not None and tariff_of(price) == tariff


def _end(price: CallPrice, now: datetime) -> None:
    price.valid_to = _after(price, now)
    price.save(update_fields=["valid_to"])


def _after(price: CallPrice | None, now: datetime) -> datetime:
    """``now``, or when the price began in this very instant the next one."""
    return now if price is None else max(now, price.valid_from + _INSTANT)
