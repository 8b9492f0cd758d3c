"""Constants inside SQL."""

import pytest

from numbers.models import Lease
from portal.core.sql import literals


def test_statuses_as_literals():
    assert literals(*Lease.UNPAID) == "'past_due', 'suspended'"


@pytest.mark.parametrize("value", ["it's", "a b", "x;", "é"])
def test_only_plain_words(value):
    with pytest.raises(ValueError, match="Not constants"):
        literals("active", value)
