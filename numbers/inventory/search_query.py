"""A search as it was typed, and what it means to the catalogue."""

from dataclasses import dataclass, replace
from typing import Any

from numbers.inventory import complete_number, patterns
from numbers.inventory.patterns import Pattern
from numbers.inventory.query_plan import SearchFilters

PAGE_SIZE, LARGEST_PAGE = 20, 100


@dataclass(frozen=True, slots=True)
class SearchQuery:
    country: str
    region: str = ""
    city: str = ""
    cities: tuple[str, ...] = ()  # the names that ``city`` stands for; empty: itself
    area: str = ""  # digits after the country code
    pattern: str = ""  # as typed: digits, vanity letters, * (any digits), ? (any digit)
    match: str = "contains"
    type: str = ""  # of Number.Type; "" for any
    sms: bool = False  # True: only numbers that can; False: no matter
    voice: bool = False
    after: str = ""  # cursor of SearchPage
    whole: bool = False  # ``pattern`` is a complete number that is on offer, in E.164
    limit: int = PAGE_SIZE
    offset: int = 0  # for the guide's listnewnumbers; excludes a cursor

    def compiled(self) -> Pattern | None:
        if self.whole and self.pattern:
            return patterns.whole(self.pattern, self.country)
        return patterns.parse(self.pattern, self.match, self.country, self.area)

    def resolved(self) -> "SearchQuery":
        """The same for the complete number that was typed, if it is on offer. One indexed query at most."""
        number = complete_number.available_number(self.pattern, self.country) if self.pattern and not self.whole else ""
        return replace(self, pattern=number, whole=True) if number else self


def filters_of(query: SearchQuery) -> SearchFilters:
    """What the query asks for, as conditions of the statement."""
    return SearchFilters(
        country=query.country,
        region=query.region,
        area=query.area,
        pattern=query.compiled(),
        cities=(query.cities or (query.city,)) if query.city else (),
        type=query.type,
        sms=query.sms,
        voice=query.voice,
    )


def without(query: SearchQuery, *names: str) -> SearchQuery:
    """The query with some filters dropped, from its first page."""
    empty: dict[str, Any] = {"sms": False, "voice": False}
    cities = () if "city" in names else query.cities
    return replace(query, after="", offset=0, cities=cities, **{name: empty.get(name, "") for name in names})
