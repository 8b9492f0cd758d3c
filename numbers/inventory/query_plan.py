"""The search router: sends each query to the index that fits its pattern (docs/adr/0003-search-routing.md).

PostgreSQL misjudges digit patterns, so the choice is made here, by a small estimate of microseconds from the counts
in :mod:`numbers.inventory.stats`; each statement is written so that only the chosen index can serve it.

- ``ordered``: a scan in the order of the result over (country[, region|type], e164) or (country, city, e164);
- ``reverse``: a range of reverse(e164), for numbers that end with given digits;
- ``grams``: the GIN of 3- and 4-digit windows, keyed by country, for runs of three digits and more;
- ``budget``: an ordered scan that gives up after a number of rows, when it is likely but not sure to be short.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numbers.inventory import stats
from numbers.inventory.patterns import Pattern
from portal.accounts import countries

TOTAL_CAP = 10_000
# Microseconds per row, measured on two shared cores (prototype, PostgreSQL 18).
INDEX_ROW_US, HEAP_ROW_US, POSTING_US, START_US = 0.13, 1.7, 0.06, 60.0
TYPICAL_DIGITS = 11  # of a typical number with its country code
IMPOSSIBLE_US = 1e18
MIN_SCAN_BUDGET = 20_000  # rows of an ordered scan that are always worth a try
SLOW_ESTIMATE_US = 300_000.0  # microseconds: from here on a statement runs under a time limit


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What a search asks for, without its page."""

    country: str
    region: str = ""
    cities: tuple[str, ...] = ()  # any of them
    area: str = ""
    pattern: Pattern | None = None
    type: str = ""
    sms: bool = False
    voice: bool = False


def successor(prefix: str) -> str:
    """The smallest text that is greater than everything that begins with ``prefix`` ("C" collation)."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def grams(country: str, runs: tuple[str, ...]) -> list[int]:
    """The keys that the database function ``num_grams`` gives a number of ``country`` holding these runs."""
    base = ((ord(country[0]) - 65) * 26 + ord(country[1]) - 65) * 11_000
    keys: set[int] = set()
    for run in runs:
        if len(run) == 3:
            keys.add(base + 10_000 + int(run))
        keys.update(base + int(run[i : i + 4]) for i in range(len(run) - 3))
    return sorted(keys)


@dataclass
class QueryPlan:
    """Estimates and conditions of one search."""

    filters: SearchFilters
    prefix: str = ""  # literal beginning, with + and country code; empty if it says no more than the country
    like: str = ""
    suffix: str = ""
    runs: tuple[str, ...] = ()
    hit_rate: float = 1.0  # of the numbers in the scanned range that match the pattern
    country_rows: int = 0
    range_rows: float = 0.0  # index rows an ordered scan can meet
    pass_rate: float = 1.0  # of them that have the capabilities
    costs: dict[str, Callable[[int], float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._read_pattern()
        self._estimate()

    def _read_pattern(self) -> None:
        filters = self.filters
        root = f"+{countries.calling_code(filters.country)}"
        self.prefix = root + filters.area if filters.area else ""
        if filters.pattern is None:
            return
        body, match = filters.pattern.body, filters.pattern.match
        self.like, self.runs = filters.pattern.like(filters.country), filters.pattern.runs()
        if match in ("start", "whole"):
            head = re.split(r"\D", body, maxsplit=1)[0]
            if (root + head).startswith(self.prefix):
                self.prefix = root + head if head else self.prefix
            rest = body[len(head) :]
            if match == "whole":
                self.runs = ()
            elif not rest:
                self.like, self.runs = "", ()
                if not (root + head).startswith(self.prefix or root):  # contradicts the area code
                    self.like = root + head + "%"
            else:
                self.runs = tuple(run for run in re.split(r"[_%]+", rest) if run)
        if match == "end":
            self.suffix = re.split(r"\D", body)[-1]
        digits = sum(map(len, self.runs))
        anchored = (match == "end" and "%" not in body) or (match == "start" and "%" not in body)
        places = 1 if anchored or not digits else max(1, TYPICAL_DIGITS - digits + 1)
        self.hit_rate = min(1.0, places * 10.0**-digits)

    def _estimate(self) -> None:
        filters = self.filters
        self.country_rows = stats.estimate(filters.country)
        rows = stats.estimate(filters.country, region=filters.region, type=filters.type)
        able = stats.estimate(
            filters.country, region=filters.region, type=filters.type, sms=filters.sms, voice=filters.voice
        )
        self.range_rows, self.pass_rate = float(rows), able / rows if rows else 1.0
        if filters.cities:
            self.range_rows = rows * min(1.0, 0.02 * len(filters.cities))
        if self.prefix:
            digits = len(self.prefix) - 1 - len(countries.calling_code(filters.country))
            # Numbers come in clumps: an area code that exists holds far more than its share.
            thin = 8 * 10.0**-digits if digits < 4 else 10.0 ** (2 - digits) / 60
            self.range_rows = min(self.range_rows, rows * thin)
        self.costs = {"ordered": self._ordered, "reverse": self._reverse, "grams": self._grams}

    def _ordered(self, rows_needed: int) -> float:
        rate = max(1e-12, self.hit_rate * max(self.pass_rate, 1e-6))
        rows = min(self.range_rows, (2 if self.like else 1) * rows_needed / rate)
        return rows * (HEAP_ROW_US if self.filters.cities else INDEX_ROW_US) + START_US

    def _reverse(self, rows_needed: int) -> float:
        if not self.suffix:
            return IMPOSSIBLE_US
        return self.country_rows * 10.0 ** -len(self.suffix) * HEAP_ROW_US + START_US

    def _grams(self, rows_needed: int) -> float:
        runs = [run for run in self.runs if len(run) >= 3]
        if not runs:
            return IMPOSSIBLE_US
        lists = [
            self.country_rows * (TYPICAL_DIGITS - 3) * 1e-3
            if len(run) == 3
            else self.country_rows * (TYPICAL_DIGITS - 4) * 1e-4
            for run in runs
            for _ in range(max(1, len(run) - 3))
        ]
        share = 1.0
        for run in runs:
            share *= (TYPICAL_DIGITS - len(run) + 1) * 10.0 ** -len(run)
        matches = self.country_rows * share
        return min(lists) * len(lists) * POSTING_US + matches * HEAP_ROW_US + START_US

    def best(self, rows_needed: int) -> str:
        return min(self.costs, key=lambda path: self.costs[path](rows_needed))

    # -- conditions ---------------------------------------------------------------------------------------------

    def facets(self, params: dict[str, Any]) -> list[str]:
        """Region, type and capabilities."""
        filters, found = self.filters, []
        if filters.region:
            found.append("region = %(region)s")
            params["region"] = filters.region
        if filters.cities:
            named = self.cities(params)
            found.append(f"lower(city) = {named[0]}" if len(named) == 1 else f"lower(city) IN ({', '.join(named)})")
        if filters.type:
            found.append("type = %(type)s")
            params["type"] = filters.type
        return found + ["sms"] * filters.sms + ["voice"] * filters.voice

    def cities(self, params: dict[str, Any]) -> list[str]:
        params |= {f"city{place}": name for place, name in enumerate(self.filters.cities)}
        return [f"lower(%(city{place})s)" for place in range(len(self.filters.cities))]

    def digits(self, params: dict[str, Any]) -> list[str]:
        found = []
        if self.prefix:
            found.append("e164 >= %(low)s AND e164 < %(high)s")
            params["low"], params["high"] = self.prefix, successor(self.prefix)
        if self.like:
            found.append("e164 LIKE %(like)s")
            params["like"] = self.like
        return found

    def root(self, path: str, params: dict[str, Any]) -> list[str]:
        """What only the chosen index can answer."""
        params["country"] = self.filters.country
        if path == "reverse":
            params["tail"] = self.suffix[::-1]
            params["tail_end"] = successor(self.suffix[::-1])
            return ["country = %(country)s", "reverse(e164) >= %(tail)s AND reverse(e164) < %(tail_end)s"]
        if path == "grams":
            params["grams"] = grams(self.filters.country, self.runs)
            return ["num_grams(country, e164) @> %(grams)s::int[]"]
        return ["country = %(country)s"]
