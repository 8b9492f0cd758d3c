"""Countries and their calling codes, for the telephone field's picker. Codes are libphonenumber's."""

from functools import cache

import phonenumbers

from portal.accounts import countries

FALLBACK = "US"


@cache
def choices() -> list[tuple[str, str]]:
    """``("GB", "United Kingdom (+44)")`` by name: a code alone is not enough, +1 is twenty-five countries."""
    rows = [(region, f"{countries.name(region)} (+{countries.calling_code(region)})")
            for region in phonenumbers.SUPPORTED_REGIONS]
    return sorted(rows, key=lambda row: row[1])


def region_of_browser(accept_language: str) -> str:
    """The first region in an Accept-Language header, ``en-GB,en;q=0.9`` → ``GB``; it only preselects the picker."""
    for entry in accept_language[:200].split(","):
        region = entry.split(";")[0].strip().rpartition("-")[2].upper()
        if region in phonenumbers.SUPPORTED_REGIONS and "-" in entry:
            return region
    return FALLBACK
