"""The types of numbers that the pretend supplier sells. A new type is one more member of ``TYPES``.

The names are the feed's; that they are those of the portal, which the sandbox does not know, is compared by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class NumberType:
    name: str  # in the feed's column ``type``
    plan: str  # libphonenumber's name for its range of a country's numbering plan
    one_in: int = 1  # one of so many numbers of a country; the first type gets what the others leave
    opens: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # by calling code, where the plan says too little
    is_shared: bool = False  # one range for all countries of a calling code
    sms: Mapping[str, float] = field(default_factory=dict)  # share of the numbers that can receive messages, by country
    usual_sms: float = 0.0
    voice: float = 1.0
    monthly: tuple[Decimal, Decimal] = (Decimal(1), Decimal(0))  # of a country's price: so many times, and so much more
    setup: Decimal = Decimal(1)  # so many times a country's price


TYPES = (
    NumberType(
        "did",
        "fixed_line",
        # Landlines that receive messages are common in North America and rare elsewhere.
        sms={"US": 0.92, "CA": 0.9, "PR": 0.7, "GB": 0.35, "SE": 0.5, "FI": 0.4, "AU": 0.3, "PL": 0.3, "NL": 0.3}
        | {"IL": 0.25},
        usual_sms=0.06,
        voice=0.985,
    ),
    NumberType(
        "tollfree",
        "toll_free",
        one_in=20,
        opens={"1": ("800", "888", "877", "866", "855", "844", "833")},
        is_shared=True,
        sms={"US": 0.4, "CA": 0.3},
        monthly=(Decimal(2), Decimal(1)),
        setup=Decimal(2),
    ),
)
LANDLINE = TYPES[0]
