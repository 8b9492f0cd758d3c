"""What the page "Buy a new Number" shows: the form as typed, a page of results, wider searches beside an empty one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from numbers.inventory import complete_number, patterns, places, queries, search, search_parameters, spelling
from numbers.inventory.complete_number import Elsewhere
from numbers.inventory.models import NumberType
from numbers.inventory.search import NumberRow, SearchPage
from numbers.inventory.search_query import SearchQuery, without
from portal.core.errors import DomainError

FIELDS = ("country", "region", "city", "area", "pattern", "match", "type", "sms", "voice", "limit")
DEFAULTS = {"match": "contains", "limit": "20"}
FILTER_LABELS = {
    "region": "the region",
    "city": "the city",
    "area": "the area code",
    "pattern": "the digits",
    "type": "the type",
    "sms": "SMS",
    "voice": "voice",
}
PAGE_SIZES = (20, 50, 100)


@dataclass(frozen=True, slots=True)
class ResultRow:
    number: NumberRow
    segments: list[tuple[str, bool]]  # of the formatted number: text, and whether it is part of the match

    @property
    def digits(self) -> str:
        return self.number.e164[1:]


@dataclass(frozen=True, slots=True)
class RelaxedSearch:
    text: str
    query_string: str
    count: int
    is_capped: bool


@dataclass
class SearchContext:
    values: dict[str, str]
    errors: dict[str, DomainError] = field(default_factory=dict)
    query: SearchQuery | None = None
    page: SearchPage | None = None
    regions_replaced: bool = False  # another country was chosen than the one the region picker shows

    @property
    def status(self) -> int:
        """Of a page with it: 422 when something that was asked for is not valid."""
        return next((error.page_status for error in self.errors.values()), 200)

    @property
    def country(self) -> str:
        return self.query.country if self.query else self.values["country"]

    @cached_property
    def countries(self) -> list[queries.Country]:
        return queries.countries()

    @cached_property
    def regions(self) -> list[queries.Region]:
        return queries.regions(self.country)

    @cached_property
    def city_suggestions(self) -> list[places.Suggestion]:
        """While a city is typed; none when it is there in full."""
        typed = spelling.tidy(self.values["city"])
        found = places.suggestions(self.country, self.values["region"], typed) if typed else []
        return found if [each.name for each in found] != [typed] else []

    @property
    def types(self) -> list[tuple[str, str]]:
        """(value, label) of the choice of a type."""
        return [("", "Any"), *NumberType.choices]

    @property
    def type(self) -> str:
        """The chosen type; "" for any, and for what is no type."""
        chosen = self.query.type if self.query else self.values["type"].lower()
        return chosen if chosen in NumberType.values else ""

    @property
    def page_sizes(self) -> tuple[int, ...]:
        return PAGE_SIZES

    @property
    def has_unknown_region(self) -> bool:
        """A region that the picker does not offer stays visible as it was asked for."""
        return bool(self.values["region"]) and self.values["region"] not in {each.name for each in self.regions}

    @property
    def spelled(self) -> str:
        """The digits of vanity letters, to show beside them."""
        return patterns.spell(self.values["pattern"]) if "pattern" not in self.errors else ""

    @property
    def results(self) -> list[ResultRow]:
        if self.page is None or self.query is None:
            return []
        pattern = self.query.compiled()
        return [ResultRow(row, patterns.highlight(row.e164, row.country, pattern)) for row in self.page.rows]

    def query_string(self, **changes: str) -> str:
        """The address of this search; what is empty or usual is left out, and so is the page unless given."""
        values = {name: self.values[name] for name in FIELDS} | changes
        return urlencode({name: value for name, value in values.items() if value and value != DEFAULTS.get(name)})

    @property
    def first_page(self) -> str:
        return self.query_string()

    @property
    def next_page(self) -> str:
        return self.query_string(after=self.page.next_cursor) if self.page and self.page.next_cursor else ""

    @property
    def previous_page(self) -> str:
        return self.query_string(after=self.page.previous_cursor) if self.page and self.page.previous_cursor else ""

    @cached_property
    def relaxed_searches(self) -> list[RelaxedSearch]:
        """What each filter alone keeps away, the most first; if none does it alone, all of them."""
        if self.query is None:
            return []
        active = [name for name in FILTER_LABELS if getattr(self.query, name)]
        wanted = [without(self.query, name) for name in active]
        wanted.append(without(self.query, *active))
        try:
            *found, everything = search.counts(wanted)
        except DomainError:  # too broad to count: offer what needs no counting
            return [RelaxedSearch("Without any filter", self.query_string(**dict.fromkeys(FILTER_LABELS, "")), 0, True)]
        relaxed = [
            RelaxedSearch(f"Without {FILTER_LABELS[name]}", self.query_string(**{name: ""}), *each)
            for name, each in zip(active, found, strict=True)
            if each[0]
        ]
        if not relaxed and everything[0]:
            relaxed = [RelaxedSearch("Without any filter", self.query_string(**dict.fromkeys(active, "")), *everything)]
        return sorted(relaxed, key=lambda each: -each.count)

    @cached_property
    def elsewhere(self) -> Elsewhere | None:
        """The complete number of another country that was typed, if nothing was found in the chosen one."""
        found = self.page is not None and bool(self.page.rows)
        return (
            None
            if found or not self.values["pattern"]
            else complete_number.elsewhere(self.values["pattern"], self.country)
        )

    @property
    def elsewhere_page(self) -> str:
        """The address of the search for it in its own country."""
        return self.query_string(country=self.elsewhere.country, region="", city="", area="") if self.elsewhere else ""

    @property
    def absent(self) -> str:
        """The complete number of the chosen country that was typed and is not on offer, in E.164."""
        found = complete_number.readings(self.values["pattern"], self.country) if not self.elsewhere else []
        return found[0].number.e164 if found and found[0].how != "bare" else ""

    @cached_property
    def nearby(self) -> list[tuple[str, str]]:
        """(area code, address of the search there), if an area code was asked for."""
        query = self.query
        if query is None:
            return []
        compiled = query.compiled()
        leading = compiled.body if compiled and compiled.match == "start" else ""
        head = query.area or leading.split("_")[0].split("%")[0]
        if len(head) < 2:
            return []
        codes = queries.nearby_area_codes(query.country, head[:3] if not query.area else head)
        changes = {} if query.area else {"pattern": ""}
        return [(code, self.query_string(area=code, city="", **changes)) for code in codes]


def build(params: Mapping[str, str]) -> SearchContext:
    """The search of a request's parameters; bad ones come back as errors beside what was typed."""
    values = {name: str(params.get(name) or "").strip()[:200].replace("\x00", "") for name in FIELDS}
    values["country"] = values["country"] or "US"
    values["match"] = values["match"] or DEFAULTS["match"]
    values["limit"] = values["limit"] or DEFAULTS["limit"]
    shown = params.get("regions_of") or ""
    replaced = bool(shown) and shown != values["country"]
    if replaced:  # places of another country mean nothing here
        values |= {"region": "", "city": "", "area": ""}
    given = {**values, "pattern": params.get("pattern", ""), "after": params.get("after", "")}
    query, errors = search_parameters.validate(given)
    context = SearchContext(values, errors, query, regions_replaced=replaced)
    if query is not None:
        values["region"] = query.region
        context.query = query = query.resolved()
        try:
            context.page = search.search(query)
        except DomainError as error:
            errors[error.field or "pattern"] = error
    return context
