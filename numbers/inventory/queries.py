"""What the catalogue holds, from the counts table: cheap, cached, a few minutes old at most."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from numbers.inventory import stats, subdivisions
from numbers.inventory.models import FOR_SALE_SQL, Number, NumberType
from numbers.inventory.stats import Facet
from portal.accounts import countries as names


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    name: str
    calling_code: str
    count: int  # numbers available


@dataclass(frozen=True, slots=True)
class Region:
    name: str
    count: int
    code: str = ""  # postal code of a US state or Canadian province


@dataclass(frozen=True, slots=True)
class Price:
    """The lowest prices of one type of number in a country, and how many of its numbers can or need what."""

    type: str
    label: str
    setup: Decimal
    monthly: Decimal
    count: int
    sms: int
    voice: int
    docs_required: int


def countries() -> list[Country]:
    """Countries with numbers for sale, by name."""
    found = [
        Country(code, names.name(code), names.calling_code(code), sum(facet.count for facet in facets))
        for code, facets in stats.facets().items()
    ]
    return sorted(found, key=lambda country: country.name)


def regions(country: str) -> list[Region]:
    """States or provinces of a country with numbers for sale, by name; empty where numbers have no region."""
    counts: dict[str, int] = {}
    for facet in stats.facets().get(country, ()):
        if facet.region:
            counts[facet.region] = counts.get(facet.region, 0) + facet.count
    codes = {name: code for code, name in subdivisions.NAMES.get(country, {}).items()}
    return [Region(name, counts[name], codes.get(name, "")) for name in sorted(counts)]


def price_list(country: str) -> list[Price]:
    """One line per type of number; empty for a country that we have nothing in."""
    return [_price(kind, facets) for kind in NumberType if (facets := list(stats.matching(country, type=kind.value)))]


def _price(kind: NumberType, facets: Iterable[Facet]) -> Price:
    facets = list(facets)
    return Price(
        type=kind.value,
        label=str(kind.label),
        setup=min(facet.min_setup for facet in facets),
        monthly=min(facet.min_monthly for facet in facets),
        count=sum(facet.count for facet in facets),
        sms=sum(facet.count for facet in facets if facet.sms),
        voice=sum(facet.count for facet in facets if facet.voice),
        docs_required=sum(facet.count for facet in facets if facet.docs_required),
    )


def area_codes(country: str, *, region: str = "", under: str = "", digits: int = 3, limit: int = 60) -> list[str]:
    """Area codes of ``digits`` digits with numbers for sale in a region, or under the digits ``under``.

    A loose index scan: one descent per area code, however many numbers there are.
    """
    root = f"+{names.calling_code(country)}"
    where = f"{FOR_SALE_SQL} AND country = %(country)s" + (" AND region = %(region)s" if region else "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE area (code, n) AS (
                  (SELECT left(e164, %(length)s), 1 FROM numbers_number
                    WHERE {where} AND e164 >= %(from)s AND e164 < %(to)s ORDER BY e164 LIMIT 1)
                  UNION ALL
                  SELECT (SELECT left(e164, %(length)s) FROM numbers_number
                           WHERE {where} AND e164 >= area.code || ':' AND e164 < %(to)s ORDER BY e164 LIMIT 1), n + 1
                    FROM area WHERE code IS NOT NULL AND n <= %(most)s)
                SELECT code FROM area WHERE code IS NOT NULL LIMIT %(most)s""",  # noqa: S608  no input in it
            {
                "country": country,
                "region": region,
                "length": len(root) + digits,
                "from": root + under,
                "to": root + under + ":",
                "most": limit,
            },
        )
        return [code[len(root) :] for (code,) in cursor.fetchall()]


def region_of_area(country: str, area: str) -> str:
    """The region of an area code, by any number of it, sold or not; "" if we never had one."""
    start = f"+{names.calling_code(country)}{area}"
    found = (
        Number.objects.filter(e164__gte=start, e164__lt=f"{start}:")
        .order_by("e164")
        .values_list("country", "region")
        .first()
    )
    return found[1] if found and found[0] == country else ""


def nearby_area_codes(country: str, area: str, limit: int = 8) -> list[str]:
    """Area codes with numbers for sale in the same region, nearest by number; else those that begin alike."""
    digits = 3 if names.calling_code(country) == "1" else len(area)
    area = area[:digits]
    region = region_of_area(country, area)
    under = "" if region else area[:-1]
    if not region and not under:
        return []
    found = [code for code in area_codes(country, region=region, under=under, digits=digits) if code != area]
    return sorted(sorted(found, key=lambda code: abs(int(code) - int(area or 0)))[:limit])
