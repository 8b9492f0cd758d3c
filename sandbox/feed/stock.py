"""Blocks of valid numbers. Numbers come in clumps of a hundred, as operators hand them out."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneMetadata

from sandbox.feed import countries, places
from sandbox.feed.places import NANP, Place

NANP_TOLLFREE = ("800", "888", "877", "866", "855", "844", "833")
PER_BLOCK = (12, 60)  # numbers for sale in a block of a hundred
USUAL = {"DE": 10}  # digits of a national number, where libphonenumber's example is an old short one


@dataclass(frozen=True, slots=True)
class Stocked:
    e164: str
    country: str
    place: Place
    tollfree: bool


class Country:
    """Draws numbers of one country; the same seed draws the same numbers."""

    def __init__(self, code: str, seed: int, taken: set[str]) -> None:
        self.code, self.taken = code, taken
        self.random = random.Random(f"{seed}:{code}")
        metadata = PhoneMetadata.metadata_for_region(code, None)
        assert metadata is not None, code
        assert metadata.fixed_line is not None, code
        self.calling_code = str(metadata.country_code)
        self.usual = USUAL.get(code) or len(metadata.fixed_line.example_number or "")
        self.fixed = re.compile(metadata.fixed_line.national_number_pattern or "$^")
        self.lengths = [n for n in metadata.fixed_line.possible_length if 7 <= n <= 11]
        free = metadata.toll_free
        self.free = re.compile((free and free.national_number_pattern) or "$^")
        self.free_example = (free and free.example_number) or ""
        self.nanp = self.calling_code == NANP

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
        if area[1:] == "11" or area in NANP_TOLLFREE:
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

    def _blocks(self, prefix: str, pattern: re.Pattern[str], length: int) -> Iterator[list[str]]:
        """Runs of sequential national numbers, endless as long as the prefix has room."""
        for _ in range(30):
            head = prefix + self._digits(length - len(prefix) - 2)
            block = [head + f"{tail:02d}" for tail in range(100)] if len(head) == length - 2 else []
            block = [number for number in block if pattern.fullmatch(number)]
            if block and (pattern is self.free or (self._belongs(block[0]) and self._belongs(block[-1]))):
                size = min(len(block), self.random.randint(*PER_BLOCK))
                yield sorted(self.random.sample(block, size))

    def _lengths(self) -> list[int]:
        return sorted({self.usual, *self.lengths}, key=lambda n: (n != self.usual, abs(n - self.usual)))

    def _area(self, area: list[Place]) -> Iterator[Stocked]:
        for _ in range(6):
            place = self.random.choice(area)
            for length in [10] if self.nanp else self._lengths():
                for block in self._blocks(place.prefix, self.fixed, length):
                    if not all(places.holds(self.code, self.calling_code + block[end], place) for end in (0, -1)):
                        continue
                    yield from self._take(block, place, tollfree=False)
                    break
                else:
                    continue
                break

    def _take(self, block: list[str], place: Place, tollfree: bool) -> Iterator[Stocked]:
        for national in block:
            e164 = f"+{self.calling_code}{national}"
            if e164 not in self.taken:
                self.taken.add(e164)
                yield Stocked(e164, self.code, place, tollfree)

    def dids(self, count: int) -> list[Stocked]:
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

    def tollfrees(self, count: int) -> list[Stocked]:
        """Of the country's free-of-charge range, which has no place."""
        example = self.free_example
        if not example:
            return []
        found: list[Stocked] = []
        for _ in range(400):
            if len(found) >= count:
                break
            opening = self.random.choice(NANP_TOLLFREE) if self.nanp else example[:3]
            for block in self._blocks(opening, self.free, len(example)):
                found += self._take(block, Place(opening, "", ""), tollfree=True)
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
        free = country.tollfrees(max(1, wanted // 20))
        drawn = free + country.dids(wanted - len(free))
        missing += wanted - len(drawn)
        yield from drawn
