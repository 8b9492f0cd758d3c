"""Where an address must be, in words."""

from numbers.inventory.models import Number
from numbers.regulations.models import AddressScope
from portal.accounts import countries


def address_in_words(scope: str, number: Number) -> str:
    """``an address in Berlin``; empty when none is required."""
    return {
        AddressScope.ANY: "an address anywhere in the world",
        AddressScope.COUNTRY: f"an address in {countries.in_a_sentence(number.country)}",
        AddressScope.AREA: f"an address in {number.region or 'the region of the number'}",
        AddressScope.CITY: f"an address in {number.city or 'the city of the number'}",
    }.get(AddressScope(scope), "")
