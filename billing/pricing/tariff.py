"""The arithmetic of a price: what a call costs, and how long an amount lasts."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from billing.money import money

MINUTE = 60  # seconds


@dataclass(frozen=True, slots=True)
class Tariff:
    """Amounts in the installation's currency, intervals in seconds."""

    country: str
    price_per_minute: Decimal
    connection_fee: Decimal
    first_interval: int
    next_interval: int

    @property
    def first_charge(self) -> Decimal:
        """What an answered call costs at least: the fee and the first interval."""
        return money(self.connection_fee + self.price_per_minute * self.first_interval / MINUTE)

    def cost(self, seconds: Decimal) -> Decimal:
        """Of a call of that length; nothing if it was not answered (0 seconds)."""
        if seconds <= 0:
            return money(0)
        further = max(seconds - self.first_interval, Decimal(0)) / self.next_interval
        intervals = int(further.to_integral_value(ROUND_CEILING))
        billed = self.first_interval + intervals * self.next_interval
        return money(self.connection_fee + self.price_per_minute * billed / MINUTE)

    def seconds(self, amount: Decimal, *, most: int) -> int:
        """Whole intervals that ``amount`` pays for, at most ``most`` seconds; 0 if not even the first one."""
        if not self.first_charge and not self.price_per_minute:
            return most
        left = amount - self.first_charge
        if left < 0:
            return 0
        step = self.price_per_minute * self.next_interval / MINUTE
        if step == 0:
            return most
        intervals = int((left / step).to_integral_value(ROUND_FLOOR))
        return min(self.first_interval + intervals * self.next_interval, most)
