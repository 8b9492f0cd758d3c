"""Entries of a block list, as people type them."""

import pytest

from numbers.routing import block_list
from portal.core.errors import DomainError

TARGET = "+442079460018"


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("+44 20 7946 0018", TARGET),
        ("0044 20 7946 0018", TARGET),
        ("+49 15*", "+4915*"),
        ("004915*", "+4915*"),
        ("Anonymous", "anonymous"),
        ("withheld", "anonymous"),
    ],
)
def test_entries_of_a_block_list(typed, entry):
    assert block_list.parse_entry(typed) == entry


@pytest.mark.parametrize(
    "typed", ["", "*", "+*", "020 7946", "hello", "+0*", "15*", "+49a*", "\x00", "+" * 100, "+1" * 90]
)
def test_entries_that_nobody_can_mean(typed):
    with pytest.raises(DomainError) as caught:
        block_list.parse_entry(typed)
    assert (caught.value.code, caught.value.field) == ("invalid_caller", "caller")
