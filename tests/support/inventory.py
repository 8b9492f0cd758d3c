"""Numbers for sale."""

import itertools
from decimal import Decimal
from typing import Any

from numbers.models import Number

_serial = itertools.count(1)

BERLIN = {"country": "DE", "region": "Berlin", "city": "Berlin"}
LONDON = {"country": "GB", "region": "", "city": "London"}  # numbers there have no region

# +1 212-555-3000 to -5999 count up, so that they meet no number that a test writes out.
COUNTED = ("+12125553", "+12125554", "+12125555")


def make_number(e164: str | None = None, **extra: Any) -> Number:
    """A number for sale; without ``e164`` another one each time, of :data:`COUNTED`."""
    n = next(_serial)
    if e164 is None:
        e164 = f"+1212555{3000 + n % 3000}"
    else:
        assert not e164.startswith(COUNTED), f"{e164} is one of those that count up"
    values = {
        "country": "US",
        "region": "New York",
        "city": "New York",
        "type": "did",
        "sms": True,
        "voice": True,
        "setup_price": Decimal("1.00"),
        "monthly_price": Decimal("2.00"),
        "supplier": "demo",
        "supplier_ref": f"n{n}",
    } | extra
    return Number.objects.create(e164=e164, **values)
