"""What calls cost, so that a phone may be called at all."""

from datetime import UTC, datetime
from decimal import Decimal

from billing.models import CallPrice

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def set_price(country: str = "GB", per_minute: str = "0.02", **values: object) -> CallPrice:
    """Valid since long ago; by whole minutes unless ``values`` say otherwise."""
    return CallPrice.objects.create(
        country=country, price_per_minute=Decimal(per_minute), **{"valid_from": LONG_AGO, **values}
    )
