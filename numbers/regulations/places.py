"""Where an address must be, in words."""

from numbers.inventory.models import Number
from numbers.regulations.models import AddressScope
from portal.accounts import countries

_WITH_ARTICLE = ("AE", "BS", "CF", "CG", "DO", "FK", "FO", "GB", "GM", "IM", "KM", "KY", "MP", "MV", "NL", "PH", "SB",
                 "SC", "TC", "US", "VG", "VI")


def address_in_words(scope: str, number: Number) -> str:
    """``an address in Berlin``; empty when none is asked for."""
    country = ("the " if number.country in _WITH_ARTICLE else "") + countries.name(number.country)
    return {
        AddressScope.ANY: "an address anywhere in the world",
        AddressScope.COUNTRY: f"an address in {country}",
        AddressScope.AREA: f"an address in {number.region or 'the region of the number'}",
        AddressScope.CITY: f"an address in {number.city or 'the city of the number'}",
    }.get(AddressScope(scope), "")
