"""How many numbers are available per facet: one small table, refreshed by beat and after imports, cached in process.

The search router estimates with it and the pickers read it. It is approximate: nothing that must be exact uses it.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from numbers.inventory.models import FOR_SALE_SQL, NumberStat

TTL = 60.0  # seconds
COUNT = f"""
WITH counted AS MATERIALIZED (
  SELECT country, region, city, type, sms, voice, count(*) AS count, min(setup_price) AS min_setup,
         min(monthly_price) AS min_monthly, docs_required
    FROM numbers_number WHERE {FOR_SALE_SQL} GROUP BY country, region, city, type, sms, voice, docs_required
), cities AS (
  INSERT INTO numbers_citystat (country, region, city, count)
  SELECT country, region, city, sum(count) FROM counted WHERE city <> '' GROUP BY country, region, city
)
INSERT INTO numbers_numberstat (country, region, type, sms, voice, count, min_setup, min_monthly, docs_required)
SELECT country, region, type, sms, voice, sum(count), min(min_setup), min(min_monthly), docs_required
  FROM counted GROUP BY country, region, type, sms, voice, docs_required
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Facet:
    region: str
    type: str
    sms: bool
    voice: bool
    count: int
    min_setup: Decimal
    min_monthly: Decimal
    docs_required: bool


class _Cache(threading.local):
    """Per thread, so that no request waits for another one's query."""

    loaded_at: float = 0.0
    facets: dict[str, list[Facet]] | None = None


_cache = _Cache()


def facets() -> dict[str, list[Facet]]:
    """Country → its facets."""
    if _cache.facets is None or time.monotonic() - _cache.loaded_at > TTL:
        found: dict[str, list[Facet]] = {}
        rows = NumberStat.objects.values_list(
            "country", "region", "type", "sms", "voice", "count", "min_setup", "min_monthly", "docs_required"
        )
        for row in rows:
            found.setdefault(row[0], []).append(Facet(*row[1:]))
        _cache.facets, _cache.loaded_at = found, time.monotonic()
    return _cache.facets


def forget() -> None:
    """The next reader in this thread asks the database."""
    _cache.facets = None


def matching(
    country: str, *, region: str = "", type: str = "", sms: bool = False, voice: bool = False
) -> Iterator[Facet]:
    for facet in facets().get(country, ()):
        if (
            (not region or facet.region == region)
            and (not type or facet.type == type)
            and (facet.sms or not sms)
            and (facet.voice or not voice)
        ):
            yield facet


def estimate(country: str, *, region: str = "", type: str = "", sms: bool = False, voice: bool = False) -> int:
    """About how many numbers are available."""
    return sum(facet.count for facet in matching(country, region=region, type=type, sms=sms, voice=voice))


def refresh() -> None:
    """Counts anew; two at once are harmless, because the second waits for the first."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE numbers_numberstat IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM numbers_numberstat")
        cursor.execute("DELETE FROM numbers_citystat")
        cursor.execute(COUNT)  # one scan for both tables
    forget()
