"""Amounts as people write them: one reading is taken, two are asked back, none is guessed."""

import re
from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from billing import amounts
from billing.amounts import AmountField
from billing.forms import prefill

NBSP, NARROW, THIN, WIDE = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}", "\N{IDEOGRAPHIC SPACE}"

ONE_READING = {
    "50": "50", "050": "50", "50.5": "50.50", "50.00": "50", "50,00": "50", "50,5": "50.50", "50.": "50", "50,": "50",
    ".50": "0.50", ",50": "0.50", "0,500": "0.500", "1.234,56": "1234.56", "1,234.56": "1234.56",
    "1,234,567": "1234567", "1.234.567": "1234567", "1.234.567,8": "1234567.80", "1,234,567.89": "1234567.89",
    "1'000": "1000", "1’000.50": "1000.50", "1 000": "1000", "1 000,50": "1000.50", "10 000.00": "10000",
    f"1{NBSP}000": "1000", f"1{NARROW}000,50": "1000.50", f"1{THIN}000": "1000", f"{NBSP}50{WIDE}": "50",
    "1234": "1234", "1234.5": "1234.50", "10000": "10000", "1,00,000": "100000", "12,34,567.50": "1234567.50",
    "$50": "50", "$ 50": "50", "50 $": "50", "US$50": "50", "USD 50": "50", "usd50": "50", "50USD": "50",
    "$50 USD": "50", "$.50": "0.50", "$1,234.50": "1234.50", "50,00 $": "50", "+50": "50", "+$50": "50", "$+50": "50",
    "50,-": "50", "50.–": "50", "50/-": "50", "1.234,-": "1234",
    "１２３．５０": "123.50", "＄５０": "50", "٥٠": "50", "٥٠٫٥": "50.50", "١٬٢٣٤٫٥٠": "1234.50", "۵۰": "50",
    "५०": "50",
    "1٬234": "1234", "\u200e50\u200f": "50", "5\u200b0": "50", "50\u00ad": "50", "\ufeff50": "50",
}  # fmt: skip
TWO_READINGS = {
    "10,000": ("10000", "10"), "10.000": ("10000", "10"), "1,234": ("1234", "1.234"), "1.234": ("1234", "1.234"),
    "100,500": ("100500", "100.5"), "$1,000": ("1000", "1"), "1.000 USD": ("1000", "1"), "１，０００": ("1000", "1"),
    "+5,000": ("5000", "5"), "1,\u200b000": ("1000", "1"),
}  # fmt: skip
NONE = {
    "not_amount": [
        "1e3", "1E3", "1e+3", "NaN", "Infinity", "inf", "0x32", "5O", "5_0", "50%", "50k", "1.5M", "fifty", ".", ",",
        "$", "USD", "-", "1.2.3", "1,2,3", "1,23,45", "1 00", "1' 000", "10,00,00", "1,234.567,8", "1.234,567.8",
        "12 34", "1,,000", "1..5", "5²", "½", "①", "50 60", "5-10", "50+", "--5", "+-5", "<b>50</b>", "1/2", "(50",
        "'50'", "=50", "50;00", "50:00", "USD.50", "50 abc", "1234,567,890", "0,000,001",
    ],
    "other_currency": ["€50", "50 €", "EUR 50", "50 GBP", "£50", "A$50", "50 CA$", "$50 CAD", "₹50", "Rs. 50", "¥50"],
    "negative": ["-5", "−5", "-$5", "$-5", "(5)", "5-", "–50", "-10,50"],
}  # fmt: skip


@pytest.mark.parametrize("text", ONE_READING)
def test_one_reading(text):
    assert amounts.read(text) == Decimal(ONE_READING[text])


@pytest.mark.parametrize("text", TWO_READINGS)
def test_two_readings(text):
    with pytest.raises(amounts.AmbiguousError) as caught:
        amounts.read(text)
    assert caught.value.readings == tuple(map(Decimal, TWO_READINGS[text]))


@pytest.mark.parametrize(("text", "code"), [(text, code) for code, texts in NONE.items() for text in texts])
def test_no_reading(text, code):
    with pytest.raises(amounts.NotAmountError) as caught:
        amounts.read(text)
    assert caught.value.code == code


def by_convention(text):
    """The oracle: what a reader of each convention of writing numbers makes of it."""
    found = set()
    for group, point in [(",", "."), (".", ","), ("'", "."), ("'", ","), (" ", "."), (" ", ",")]:
        whole, _, fraction = text.partition(point)
        plain = re.fullmatch(r"[0-9]+", whole)
        parted = re.fullmatch(rf"[1-9][0-9]{{0,2}}(\{group}[0-9]{{3}})+", whole)
        lakhs = group == "," and re.fullmatch(r"[1-9][0-9]?(,[0-9]{2})+,[0-9]{3}", whole)
        if (plain or parted or lakhs or (not whole and fraction)) and re.fullmatch(r"[0-9]*", fraction):
            found.add(Decimal((whole.replace(group, "") or "0") + "." + (fraction or "0")))
    return found


WRITTEN = st.from_regex(r"[0-9]{1,3}([.,' ][0-9]{1,3}){0,3}", fullmatch=True)


@given(st.text("0123456789.,' ", min_size=1, max_size=12) | WRITTEN)
def test_every_convention_agrees_or_it_is_asked_back(text):
    text = " ".join(text.split())
    try:
        found = {amounts.read(text)}
    except amounts.AmbiguousError as error:
        found = set(error.readings)
    except amounts.NotAmountError:
        found = set()
    assert found == by_convention(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    with suppress(amounts.NotAmountError, amounts.AmbiguousError):
        assert amounts.read(text) >= 0


def problem(text):
    field = AmountField()
    field.minimum, field.maximum = Decimal(5), Decimal(10_000)
    with pytest.raises(ValidationError) as caught:
        field.clean(text)
    return caught.value.messages[0]


@pytest.mark.parametrize("text", ["9" * 400, "9" * 100_000, "１" * 400, "1" + ",000" * 100, "9" * 400 + ".999"])
def test_a_huge_amount_is_above_the_maximum(text, settings):
    assert problem(text) == "The most you can add is 10,000.00 USD."


@pytest.mark.parametrize("text", ["10.0050", "10,0050", "5.1234", "1'000.123", "1,234.567", "0,500"])
def test_more_than_two_decimals_have_words_of_their_own(text, settings):
    assert problem(text) == "Enter an amount with at most two decimals, like 49.90."


@pytest.mark.parametrize("text", ["10.005", "99,999"])
def test_two_readings_of_which_none_can_be_taken(text, settings):
    assert problem(text).endswith("USD. The most you can add is 10,000.00 USD, with at most two decimals.")


@pytest.mark.parametrize(
    ("given", "shown"),
    [("1.5", "5.00"), ("12.3411", "12.35"), ("50,00", "50.00"), ("$1,234.50", "1234.50"), ("10,000", "10,000"),
     ("NaN", ""), ("1e9", ""), ("-5", ""), ("", ""), ("9" * 400, ""), ("€5", "")],
)  # fmt: skip
def test_a_link_is_read_the_same_way(given, shown, settings):
    assert prefill(given) == shown
