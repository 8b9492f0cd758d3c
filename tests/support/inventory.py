"""Numbers for sale."""

import itertools
from decimal import Decimal
from typing import Any

from numbers.models import Number

_serial = itertools.count(1)


def make_number(e164: str | None = None, **extra: Any) -> Number:
    n = next(_serial)
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
    return Number.objects.create(e164=e164 or f"+1212555{n % 10000:04d}", **values)
