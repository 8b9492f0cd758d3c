"""Every reason to refuse a line of a feed holds for both types of numbers."""

import pytest

from numbers.models import Number
from tests.inventory.feed_rows import GOOD

TYPES = {
    "did": GOOD,
    "tollfree": GOOD | {"e164": "+18005550123", "type": "tollfree", "region": "", "city": ""},
}  # fmt: skip
NOT_THE_NUMBERS_FAULT = [
    ({"country": "us"}, "unknown country"), ({"country": "ZZ"}, "unknown country"),
    ({"country": "GB"}, "numbers of GB start with +44"), ({"capabilities": ""}, "capabilities are"),
    ({"capabilities": "voice|fax"}, "capabilities are"), ({"setup": "-1"}, "setup is negative"),
    ({"monthly": "-0.01"}, "monthly is negative"), ({"monthly": "1,50"}, "monthly is not a price"),
    ({"docs_required": "maybe"}, "docs_required is yes or no"), ({"supplier": ""}, "may not be empty"),
    ({"supplier_id": ""}, "may not be empty"), ({"region": "x" * 81}, "region is longer"),
    ({"city": "x" * 81}, "city is longer"), ({"supplier": "s" * 41}, "supplier is longer"),
    ({"supplier_id": "s" * 65}, "supplier_id is longer"),
]  # fmt: skip
NUMBERS = {
    "did": [
        ("US", "12125550123"), ("US", "+11115550123"), ("US", "+1212555012"), ("US", "+121255501234"),
        ("DE", "+49111111111"), ("GB", "+44999"), ("US", "+14165550123"), ("CA", "+12125550123"),
        ("CA", "+18005550123"), ("GB", "+441481960194"),
    ],
    "tollfree": [
        ("US", "18005550123"), ("US", "+18000550123"), ("US", "+1800555012"), ("US", "+180055501234"),
        ("US", "+18110550123"), ("DE", "+4980012"), ("GB", "+448001"), ("FR", "+3380"), ("CA", "+18001550123"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_the_line_itself_is_good(run, kind):
    assert run(TYPES[kind])[0].startswith("added 1,")
    assert Number.objects.get().type == kind


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("changes", "reason"), NOT_THE_NUMBERS_FAULT, ids=lambda value: str(value)[:30])
def test_a_fault_beside_the_number(run, kind, changes, reason):
    _, err = run(TYPES[kind] | changes, code=1)
    assert reason in err
    assert not Number.objects.exists()


@pytest.mark.parametrize(
    ("kind", "country", "e164"), [(kind, *each) for kind, numbers in NUMBERS.items() for each in numbers]
)
def test_a_number_that_cannot_be(run, kind, country, e164):
    _, err = run(TYPES[kind] | {"country": country, "e164": e164}, code=1)
    assert "line 2:" in err
    assert not Number.objects.exists()


def test_a_toll_free_range_that_countries_share_is_each_ones(run):
    assert run(TYPES["tollfree"] | {"country": "CA"})[0].startswith("added 1,")
