"""Countries and their calling codes, for the telephone field's picker. Names and codes are libphonenumber's."""

from functools import cache

import phonenumbers
from phonenumbers.geodata.locale import LOCALE_DATA

# Regions that libphonenumber supports but does not name.
_UNNAMED = {"AC": "Ascension Island", "TA": "Tristan da Cunha", "XK": "Kosovo"}
FALLBACK = "US"


def _name(region: str) -> str:
    names = LOCALE_DATA.get(region, {})
    name = names.get("en", "")
    # "*aa" means: the same as in language "aa".
    return (names[name[1:]] if name.startswith("*") else name) or _UNNAMED.get(region, region)


@cache
def choices() -> list[tuple[str, str]]:
    """``("GB", "United Kingdom (+44)")`` by name."""
    rows = [(region, f"{_name(region)} (+{phonenumbers.country_code_for_region(region)})")
            for region in phonenumbers.SUPPORTED_REGIONS]
    return sorted(rows, key=lambda row: row[1])


def region_of_browser(accept_language: str) -> str:
    """The first region in an Accept-Language header, ``en-GB,en;q=0.9`` → ``GB``; it only preselects the picker."""
    for entry in accept_language[:200].split(","):
        region = entry.split(";")[0].strip().rpartition("-")[2].upper()
        if region in phonenumbers.SUPPORTED_REGIONS and "-" in entry:
            return region
    return FALLBACK
