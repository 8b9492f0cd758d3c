"""What people typed is text to a spreadsheet, whatever separator it takes and in whatever width it reads."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from portal.core.spreadsheet import lines, plain

FORMULAS = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "|calc",
    "%0A",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "\uff5ccalc",
    " =1+1",
    "\u00a0=1",
    '"=1+1',
    "'=1",
    "\t=1",
    "\r=1",
    "\n=1",
    "\tx",
    "\u2212" + "1+cmd",
    *(f"{unseen}=1+1" for unseen in "\0\x01\x1f\x7f\x9f\xad\u061c\u200b\u200e\u202e\u2060\u2066\ufe0f\ufeff"),
    '\u200b \ufeff"=1+1',
    "+12125550100=1+1",
    "+1212555010012345*2",
    "+12125550100\n",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_at_the_start_of_a_cell(text):
    assert plain(text) == "'" + text


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n", "; ", ';"', ";;", "\u2028"])
@pytest.mark.parametrize("formula", ["=cmd|'/C calc'!A0", "\uff1d1+1", "|calc", "@x", "+1", "-1"])
def test_after_what_another_country_separates_with(separator, formula):
    made = plain(f"x{separator}{formula}")
    file = "".join(lines([[f"x{separator}{formula}", "y"]])).removeprefix("\ufeff").splitlines()
    for delimiter in (",", ";", "\t"):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for row in csv.reader(file, delimiter=delimiter, quoting=quoting):
                assert not [
                    cell
                    for cell in row
                    if cell.lstrip(" \"'\u2028")[:1] in set("=+-@|\uff1d") and not cell.lstrip(' "').startswith("'")
                ], (delimiter, row)
    assert made.replace("'", "") == f"x{separator}{formula}".replace("'", "")


@pytest.mark.parametrize(
    "text",
    [
        "+12125550100",
        "+442079460018",
        "Setup of +1",
        "a-b",
        "x; y",
        "10 % off",
        "Support, -night",
        "a=b",
        "me@x.example",
        "",
        'Say "hi", \u96fb\u8a71; \u00dc',
    ],
)
def test_what_does_no_harm_is_left_alone(text):
    assert plain(text) == text


def test_a_table_begins_with_a_byte_order_mark_and_every_text_in_it_is_made_harmless():
    row = ["+12125550100", "=1+1", Decimal("-2.50"), date(2026, 1, 2)]
    text = "".join(lines([["Number", "Name", "Amount", "On"], row]))
    assert text == "\ufeffNumber,Name,Amount,On\r\n+12125550100,'=1+1,-2.50,2026-01-02\r\n"
    assert text.encode().startswith(b"\xef\xbb\xbf")
