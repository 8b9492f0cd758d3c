"""``python -m sandbox.feed --count 100000 --out FILE``: writes a feed as docs/inventory.md describes it."""

import argparse
import csv
import random
import sys
import time
from pathlib import Path

from sandbox.feed import countries, stock
from sandbox.feed.number_types import TYPES

HEADER = (
    "e164",
    "country",
    "region",
    "city",
    "type",
    "capabilities",
    "setup",
    "monthly",
    "docs_required",
    "supplier",
    "supplier_id",
)


def rows(count: int, seed: int) -> list[tuple[str, ...]]:
    """The feed's lines without the header; the same seed gives the same lines."""
    chance = random.Random(seed)
    prices = {(code, kind.name): countries.terms(code, kind) for code in countries.CODES for kind in TYPES}
    found: list[tuple[str, ...]] = []
    for number in stock.draw(count, seed):
        terms = prices[number.country, number.type]
        sms, voice = chance.random() < terms.sms, chance.random() < terms.voice
        abilities = "|".join(name for name, able in (("voice", voice or not sms), ("sms", sms)) if able)
        found.append(
            (
                number.e164,
                number.country,
                number.place.region,
                number.place.city,
                number.type,
                abilities,
                str(terms.setup),
                str(terms.monthly),
                "yes" if terms.docs_required else "no",
                "demo",
                f"D{number.e164[1:]}",
            )
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    started = time.monotonic()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    lines = rows(options.count, options.seed)
    with options.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(lines)
    found = {line[1] for line in lines}
    print(
        f"{len(lines):,} numbers of {len(found)} countries in {time.monotonic() - started:.1f} s → {options.out}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
