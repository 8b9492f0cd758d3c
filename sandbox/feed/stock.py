"""Blocks of valid numbers. Numbers come in clumps of a hundred, as operators hand them out."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneMetadata

from sandbox.feed import countries, places
from sandbox.feed.number_types import LANDLINE, TYPES, NumberType
from sandbox.feed.places import NANP, Place

PER_BLOCK = (12, 60)  # numbers for sale in a block of a hundred
USUAL = {"DE": 10}  # digits of a national number, where libphonenumber's example is an old short one


@dataclass(frozen=True, slots=True)
class Stocked:
    e164: str
    country: str
    place: Place
    type: str


@dataclass(frozen=True, slots=True)
class Range:
    """Of a country's numbering plan, for one type of number."""

    pattern: re.Pattern[str]
    example: str  # "" where the country has none


class Country:
    """Draws numbers of one country; the same seed draws the same numbers."""

    def __init__(self, code: str, seed: int, taken: set[str]) -> None:
        self.code, self.taken = code, taken
        self.random = random.Random(f"{seed}:{code}")
        metadata = PhoneMetadata.metadata_for_region(code, None)
        assert metadata is not None, code
        assert metadata.fixed_line is not None, code
        self.metadata = metadata
        self.calling_code = str(metadata.country_code)
        self.usual = USUAL.get(code) or len(metadata.fixed_line.example_number or "")
        self.fixed = self.plan_range(LANDLINE).pattern
        self.lengths = [n for n in metadata.fixed_line.possible_length if 7 <= n <= 11]
        self.nanp = self.calling_code == NANP

    def plan_range(self, kind: NumberType) -> Range:
        found = getattr(self.metadata, kind.plan)
        return Range(
            re.compile((found and found.national_number_pattern) or "$^"), (found and found.example_number) or ""
        )

    def places(self) -> list[list[Place]]:
        """Area codes, each with its places; every area code gets its share of the stock."""
        if not self.nanp:
            found = places.national(self.code, self.calling_code)
            self.random.shuffle(found)
            return [[place] for place in found[:250]] or [[Place(prefix, "", "")] for prefix in self._openings()]
        areas = [area for area in map(str, range(201, 990)) if self._owns(area)]
        known = [places.nanp(area) for area in areas]
        if self.code in ("US", "CA"):
            return [area for area in known if area]
        return [area or [Place(code, "", "")] for code, area in zip(areas, known, strict=True)]

    def _owns(self, area: str) -> bool:
        if area[1:] == "11" or any(area in kind.opens.get(NANP, ()) for kind in TYPES):
            return False
        return any(self._belongs(area + rest) for rest in ("2345678", "5230123", "9570123", "4123456"))

    def _belongs(self, national: str) -> bool:
        number = phonenumbers.PhoneNumber(
            country_code=int(self.calling_code),
            national_number=int(national),
            italian_leading_zero=national.startswith("0") or None,
        )
        return phonenumbers.region_code_for_number(number) == self.code

    def _openings(self) -> list[str]:
        """Without a geocoder: the first two digits of fixed-line numbers."""
        found = [
            prefix
            for prefix in map(str, range(20, 100))
            if any(self.fixed.fullmatch(prefix + self._digits(self.usual - 2)) for _ in range(40))
        ]
        return found[:24]

    def _digits(self, length: int) -> str:
        return "".join(self.random.choices("0123456789", k=max(0, length)))

    def _blocks(self, prefix: str, kind: NumberType, pattern: re.Pattern[str], length: int) -> Iterator[list[str]]:
        """Runs of sequential national numbers, endless as long as the prefix has room."""
        for _ in range(30):
            head = prefix + self._digits(length - len(prefix) - 2)
            block = [head + f"{tail:02d}" for tail in range(100)] if len(head) == length - 2 else []
            block = [number for number in block if pattern.fullmatch(number)]
            if block and (kind.is_shared or (self._belongs(block[0]) and self._belongs(block[-1]))):
                size = min(len(block), self.random.randint(*PER_BLOCK))
                yield sorted(self.random.sample(block, size))

    def _lengths(self) -> list[int]:
        return sorted({self.usual, *self.lengths}, key=lambda n: (n != self.usual, abs(n - self.usual)))

    def _area(self, area: list[Place]) -> Iterator[Stocked]:
        for _ in range(6):
            place = self.random.choice(area)
            for length in [10] if self.nanp else self._lengths():
                for block in self._blocks(place.prefix, LANDLINE, self.fixed, length):
                    if not all(places.holds(self.code, self.calling_code + block[end], place) for end in (0, -1)):
                        continue
                    yield from self._take(block, place, LANDLINE)
                    break
                else:
                    continue
                break

    def _take(self, block: list[str], place: Place, kind: NumberType) -> Iterator[Stocked]:
        for national in block:
            e164 = f"+{self.calling_code}{national}"
            if e164 not in self.taken:
                self.taken.add(e164)
                yield Stocked(e164, self.code, place, kind.name)

    def landlines(self, count: int) -> list[Stocked]:
        """Area code by area code, with the place of each."""
        found: list[Stocked] = []
        areas = self.places()
        self.random.shuffle(areas)
        share = max(1, min(60, count // max(1, len(areas))))
        for _ in range(400):
            if len(found) >= count or not areas:
                break
            for area in areas:
                stock = []
                for number in self._area(area):
                    stock.append(number)
                    if len(stock) >= share:
                        break
                found += stock
                if len(found) >= count:
                    break
        return found[:count]

    def others(self, kind: NumberType, count: int) -> list[Stocked]:
        """Of a range of its own, which has no place; none where the country has no such range, or that of landlines."""
        own = self.plan_range(kind)
        if not own.example or own.pattern == self.fixed:
            return []
        found: list[Stocked] = []
        for _ in range(400):
            if len(found) >= count:
                break
            opens = kind.opens.get(self.calling_code)
            opening = self.random.choice(opens) if opens else own.example[:3]
            for block in self._blocks(opening, kind, own.pattern, len(own.example)):
                found += self._take(block, Place(opening, "", ""), kind)
                break
        return found[:count]


def draw(count: int, seed: int) -> Iterator[Stocked]:
    """``count`` different numbers, country by country."""
    taken: set[str] = set()
    missing = 0
    shares = countries.stock(count)
    for code in [*countries.CODES[1:], "US"]:  # what a small country cannot give, the United States can
        wanted = shares[code] + (missing if code == "US" else 0)
        country = Country(code, seed, taken)
        drawn: list[Stocked] = []
        for kind in TYPES[1:]:
            drawn += country.others(kind, max(1, wanted // kind.one_in))
        drawn += country.landlines(wanted - len(drawn))
        missing += wanted - len(drawn)
        yield from drawn
