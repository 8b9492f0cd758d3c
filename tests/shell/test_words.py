from datetime import UTC, date, datetime, timedelta

import pytest

from portal.core import times
from portal.core.errors import DomainError
from portal.core.text import clean_text, one_line


def test_dates():
    assert times.long_date(date(2026, 11, 3)) == "3 November 2026"
    assert times.short_date(date(2026, 11, 3)) == "3 Nov 2026"
    assert times.short_time(datetime(2026, 11, 3, 4, 5, tzinfo=UTC)) == "3 Nov, 04:05 UTC"


@pytest.mark.parametrize(
    ("span", "at_most", "age", "compact"),
    [
        (timedelta(seconds=30), "1 minute", "a moment", "0 min"),
        (timedelta(minutes=90), "90 minutes", "1 hour", "1 h 30 min"),
        (timedelta(minutes=91), "2 hours", "1 hour", "1 h 31 min"),
        (timedelta(hours=48), "48 hours", "2 days", "2 d"),
        (timedelta(hours=52, minutes=1), "3 days", "2 days", "2 d 4 h"),
        (timedelta(hours=5), "5 hours", "5 hours", "5 h"),
    ],
)
def test_durations(span, at_most, age, compact):
    assert (times.at_most(span), times.age(span), times.compact(span)) == (at_most, age, compact)


def test_texts():
    assert one_line(" a\t b\n\nc ") == "a b c"
    assert clean_text(" a\r\nb\tc ", field="text", most=5, missing="Write.") == "a\nb\tc"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_is_one(end):
    assert clean_text(f"a{end}b{end}", field="text", most=3, missing="Write.") == "a\nb"


@pytest.mark.parametrize(
    ("typed", "code"), [(" \n ", "text_missing"), ("x" * 6, "text_too_long"), ("a\x1bb", "text_unreadable")]
)
def test_texts_that_are_refused(typed, code):
    with pytest.raises(DomainError) as refused:
        clean_text(typed, field="text", most=5, missing="Write.")
    assert (refused.value.code, refused.value.field) == (code, "text")
