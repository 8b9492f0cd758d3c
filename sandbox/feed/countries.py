"""What the pretend supplier sells where: share of the stock, prices, documents, capabilities."""

import zlib
from dataclasses import dataclass
from decimal import Decimal

from sandbox.feed.number_types import NumberType

# Eighty-three countries, the best stocked first.
CODES = tuple(
    """
US CA GB DE FR AU ES IT NL BR MX IN SE BE PL CH AT IE DK NO FI PT CZ IL ZA JP SG HK NZ KR TR RO HU GR BG SK HR SI RS LT
LV EE LU MT CY UA GE KZ AE SA EG MA TN NG KE GH ID MY TH PH VN TW AR CL CO PE EC UY VE CR PA DO GT SV JM PR TT BS BB IS
LK PK DZ
""".split()
)
US_SHARE, LEAST = 0.4, 200
NO_DOCUMENTS = frozenset("US CA PR SE FI DK IL NL BE CL PE CR GE LT LV EE NZ JM TT BS BB".split())
MONTHLY = {
    "US": "1.00",
    "CA": "1.15",
    "GB": "1.50",
    "PR": "2.00",
    "DE": "2.50",
    "FR": "2.20",
    "SE": "2.40",
    "PL": "2.00",
    "NL": "2.80",
    "AU": "3.20",
    "ES": "2.60",
    "IT": "2.60",
    "BR": "4.50",
    "MX": "5.00",
    "IN": "7.50",
    "JP": "4.80",
    "AE": "24.00",
    "SA": "28.00",
    "CN": "30.00",
}


@dataclass(frozen=True, slots=True)
class Terms:
    setup: Decimal
    monthly: Decimal
    docs_required: bool
    sms: float  # share of the numbers that can receive messages
    voice: float


def terms(country: str, kind: NumberType) -> Terms:
    """Plausible and always the same; prices in the installation's currency per month."""
    spread = zlib.crc32(country.encode()) % 40
    monthly = Decimal(MONTHLY.get(country, f"{4 + spread / 4:.2f}"))
    setup = Decimal(0) if country in ("US", "CA", "PR", "GB") else Decimal(1 + spread % 6)
    times, more = kind.monthly
    sms = kind.sms.get(country, kind.usual_sms)
    return Terms(setup * kind.setup, monthly * times + more, country not in NO_DOCUMENTS, sms, kind.voice)


def stock(count: int) -> dict[str, int]:
    """How many numbers per country: 40 % in the United States, at least 200 elsewhere if ``count`` allows."""
    others = CODES[1:]
    pool = count - int(count * US_SHARE)
    least = min(LEAST, pool // len(others))
    weights = [1 / (rank + 2) for rank in range(len(others))]
    free = pool - least * len(others)
    shares = {code: least + int(free * weight / sum(weights)) for code, weight in zip(others, weights, strict=True)}
    return {"US": count - sum(shares.values())} | shares
