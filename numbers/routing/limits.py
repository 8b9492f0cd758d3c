"""How far calls of a project may go: its own settings, or where it has none the installation's."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from numbers.routing.route_settings import ProjectSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """Amounts in the installation's currency."""

    countries: tuple[str, ...] | None  # that calls may be forwarded to; None = all
    dearest_price: Decimal  # per minute
    spend_cap: Decimal  # for paid legs, in 24 hours
    channels: int  # calls at once

    def allows(self, country: str) -> bool:
        return self.countries is None or country in self.countries

    @classmethod
    def of(cls, chosen: ProjectSettings) -> "Limits":
        return cls(
            countries=chosen.countries,
            dearest_price=_or(chosen.dearest_price, settings.DEAREST_CALL_PRICE),
            spend_cap=_or(chosen.spend_cap, settings.SPEND_CAP),
            channels=settings.CALL_CHANNELS if chosen.channels is None else chosen.channels,
        )


def _or(chosen: Decimal | None, otherwise: int) -> Decimal:
    return Decimal(otherwise) if chosen is None else chosen
