from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from numbers.compliance.ordering import place_order
from tests.support.inventory import BERLIN, LONDON, make_number
from tests.support.regulations import make_regulation

NOW = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def starting_credit():
    return "10.00"


@pytest.fixture
def number(db):
    return make_number("+12125550100", setup_price=Decimal("1.00"), monthly_price=Decimal("2.50"))


@pytest.fixture
def regulated_number(db):
    """A number with a regulation that requires one document."""
    make_regulation("GB", lines=["address_proof"])
    return make_number(
        "+442079460100",
        **LONDON,
        docs_required=True,
        setup_price=Decimal("3.00"),
        monthly_price=Decimal("4.00"),
    )


@pytest.fixture
def order_of(project, by):
    """``order_of(number, holder="business", now=NOW)``: an order of the fixture's project."""

    def place(number, **extra):
        wanted = {"project": project, "by": by, "purchase_key": None, "expected_total": None, "now": NOW} | extra
        return place_order(e164=number.e164, **wanted)

    return place


@pytest.fixture
def berlin(db):
    """``berlin()``: a free number there that needs documents, another one each time."""
    serial = iter(range(10_000))
    values = {"docs_required": True, "setup_price": Decimal("0.50"), "monthly_price": Decimal("0.50")}
    return lambda **extra: make_number(f"+49303112{next(serial):04d}", **BERLIN | values | extra)


@pytest.fixture
def order(order_of, berlin):
    make_regulation(
        "DE",
        lines=[
            {"types": ["passport"], "title": "Identity", "explanation": "Both sides."},
            {"types": ["utility_bill", "bank_statement"], "title": "Address", "count": 2, "address_scope": "city"},
        ],
    )
    return order_of(berlin(), now=timezone.now())
