"""The door that phone numbers come in by: every spelling of one number, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.phone_numbers import (
    PhoneNumberError,
    clean,
    international,
    names_its_country,
    read,
    readings,
    search_terms,
)

VEGAS, LONDON, FREE, BERLIN = "+17025551009", "+442079460018", "+448007501588", "+4930901820"
SPELLINGS = [
    # as people write them, with the country chosen beside them
    ("(702) 555-1009", "US", VEGAS), ("702.555.1009", "US", VEGAS), ("1-702-555-1009", "US", VEGAS),
    ("1 (702) 555 1009", "US", VEGAS), ("17025551009", "US", VEGAS), ("702 555 1009", "CA", VEGAS),
    ("0800 750 1588", "GB", FREE), ("800 750 1588", "GB", FREE), ("020 7946 0018", "GB", LONDON),
    ("030/90 18 20", "DE", BERLIN), ("(030) 901820", "DE", BERLIN), ("030 901820 ", "DE", BERLIN),
    ("8 (912) 345-67-89", "RU", "+79123456789"), ("06 1 234 5678", "HU", "+3612345678"),
    # complete, whatever country is chosen
    ("+1 702-555-1009", "GB", VEGAS), ("+17025551009", None, VEGAS), ("17025551009", None, VEGAS),
    ("+44 (0)800 750 1588", "US", FREE), ("44 (0)800 750 1588", None, FREE), ("+44 0800 750 1588", "US", FREE),
    ("(+44) 800 750 1588", "US", FREE), ("[+44] (0) 800 7501588", "US", FREE),
    ("+7 (0)912 345 67 89", "US", "+79123456789"),
    ("+39 (0)2 1234 5678", "US", "+390212345678"), ("+34 (0)91 123 45 67", "US", "+34911234567"),
    # international prefixes, also where they meet
    ("00 49 30 901820", "US", BERLIN), ("00 49 30 901820", "DE", BERLIN), ("0049 30 901820", None, BERLIN),
    ("0049 (0)30 901820", "US", BERLIN), ("011 49 30 901820", "US", BERLIN), ("011 49 30 901820", "GB", BERLIN),
    ("01149 30 901820", None, BERLIN), ("+0049 30 901820", "US", BERLIN), ("+011 49 30 901820", "US", BERLIN),
    ("0011 49 30 901820", "AU", BERLIN), ("010 49 30 901820", "JP", BERLIN), ("8~10 49 30 901820", "RU", BERLIN),
    ("++49 30 901820", "US", BERLIN), ("+ 49 30 901820", "US", BERLIN),
    # links and labels
    ("tel:+1-702-555-1009", "GB", VEGAS), ("TEL:%2B17025551009", "GB", VEGAS), ("tel://+17025551009", "GB", VEGAS),
    ("tel:555-1009;phone-context=+1-702", "GB", VEGAS), ("callto:+17025551009", "GB", VEGAS),
    ("Tel.: +1 702 555 1009", "GB", VEGAS), ("Phone +1 702 555 1009", "GB", VEGAS),
    # quotes and points around it
    ('"+17025551009",', None, VEGAS), ("'+17025551009", None, VEGAS), ("<+17025551009>", None, VEGAS),
    ("=+17025551009", None, VEGAS), ("+17025551009.", None, VEGAS), ("📞 +1 702 555 1009", None, VEGAS),
    # what nobody sees
    ("\u202a+17025551009\u202c", None, VEGAS), ("\u200e+17025551009\u200f", None, VEGAS),
    ("\u2066+1 702 555 1009\u2069", None, VEGAS), ("+1\u200b702\u200c555\u200d1009", None, VEGAS),
    ("\ufeff+1702\u20605551009", None, VEGAS), ("+1702\u00ad5551009", None, VEGAS),
    ("+1\u00a0702\u202f555\u20091009", None, VEGAS),
    ("+1\t702\r\n555\u30001009", None, VEGAS), ("+1\u3164702\u28005551009\ufffc", None, VEGAS),
    # signs of other keyboards
    ("＋１（７０２）５５５－１００９", None, VEGAS), ("٠٠٤٤٢٠٧٩٤٦٠٠١٨", "US", LONDON), ("۰۲۰ ۷۹۴۶ ۰۰۱۸", "GB", LONDON),
    ("+४४ २० ७९४६ ००१८", None, LONDON), ("+1–702—555−1009", None, VEGAS), ("1️⃣7️⃣0️⃣25551009", None, VEGAS),
]  # fmt: skip


@pytest.mark.parametrize(("text", "region", "e164"), SPELLINGS)
def test_every_spelling_is_understood(text, region, e164):
    assert read(text, region).e164 == e164


@pytest.mark.parametrize(("text", "region", "words"), [
    ("", "US", "Enter a phone number"), (" \u200e\u00ad ", "US", "Enter a phone number"),
    ("+1 212 555 O1OO", "US", "replace “O”"), ("+4072d3800439", None, "replace “d”"),
    ("0800 FLOWERS", "GB", "“FLOWERS”"),
    ("+1 212 555 ОlОО", "US", "digits only"), ("twelve", "US", "digits only"),
    ("sip:+12125550100@example.com", None, "digits only"),
    *((f"+1 212 555 0100{tail}", None, "Leave out the extension") for tail in (
        " ext. 5", " ext 12", " Ext:12", " extension 12", "x5", " x 123", "#5", ",5", ",,12", ";ext=5", ";5", "p5",
        "w12", " доб. 5",
        " DW 15", " int. 4", " (ext 5)", "ｘ５")),
    ("tel:+1-212-555-0100;ext=5", None, "Leave out the extension"),
    ("tel:+1-212-555-0100;isub=5", None, "Leave out the extension"),
    ("*67 212 555 0100", "US", r"\* or #"), ("*21*2125550100#", "US", r"\* or #"),
    ("+49 6691 12345 67890", None, "at most 15 digits"), ("06691 12345 67890", "DE", "at most 15 digits"),
    ("+62 1234 5678 9012 3456", None, "at most 15 digits"), ("9" * 79, "US", "at most 15 digits"),
    ("9" * 100, "US", "too long"), ("\ufdfa" * 300, "US", "too long"),
    ("+43 1234", None, "No such phone number"), ("+", "US", "not a phone number"),
    ("+++", None, "not a phone number"), ("()", "US", "not a phone number"),
    ("+12125550100 / +12125550101", None, "one phone number only"), ("+1 212@555 0100", None, "“@” has no place"),
    ("+1212\x005550100", None, "invisible character"),
    ("+999123456789", None, "No such phone number"), ("911", "US", "not a valid phone number in the United States"),
    ("112", None, "with its country code"),
    ("020 7946 0018", None, "with its country code"),
    ("17025551009", "GB", r"If you mean \+1 702-555-1009 \(United States\), write it with the \+"),
    ("\ud800", "US", "not a phone number"), ("🙂", "US", "not a phone number"),
])  # fmt: skip
def test_what_is_no_number_is_refused_in_words(text, region, words):
    with pytest.raises(PhoneNumberError, match=words):
        read(text, region)


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("+12125550101", "+12125550101"),
        ("12125550101", "+12125550101"),
        (" 12125550101", "+12125550101"),
        ("0012125550101", "+12125550101"),
        ("+0012125550101", "+12125550101"),
        ("+1 (212) 555-0101", "+12125550101"),
        ("4402079460018", LONDON),
        ("+15005550006", "+15005550006"),
        ("", None),
        ("+", None),
        ("911", None),
        ("1212555010x", None),
        ("1" * 16, None),
        ("+12125550101 x5", None),
        ("02125550101", None),
    ],
)
def test_numbers_as_programs_send_them(text, e164):
    assert international(text) == e164


def test_a_number_can_have_several_readings_and_the_chosen_countrys_is_the_first():
    found = [(each.number.e164, each.how) for each in readings("4930901820", "DE")]
    assert found == [(BERLIN, "national")]
    assert [(each.number.e164, each.how) for each in readings("17025551009", "GB")] == [(VEGAS, "bare")]
    assert readings("CALL", "US") == []


@pytest.mark.parametrize(
    ("text", "named"), [("+44 20", True), ("0044 20", True), ("011 44", True), ("020 7946", False), ("", False)]
)
def test_a_number_that_names_its_country(text, named):
    assert names_its_country(text) is named


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+1 702", {"+1702"}),
        ("1702", {"+1702"}),
        ("0017025551009", {VEGAS}),
        ("+44 (0)800 750 1588", {FREE}),
        ("+44 0800", {"+44800"}),
    ],
)
def test_a_part_with_country_code_is_a_beginning(text, found):
    assert found <= set(search_terms(text).beginnings)


@pytest.mark.parametrize(
    "text", ["(702) 555-1009", "0800 750 1588", "800 750 1588", "020 7946 0018", "8 912 345 67 89"]
)
def test_a_national_number_is_tried_with_every_country_code(text):
    assert {VEGAS, FREE, LONDON, "+79123456789"} & set(search_terms(text).wholes)


def test_words_are_no_digits_to_search_by():
    assert search_terms("Main line 7") is None
    assert search_terms("") is None


@given(
    text=st.text(max_size=400) | st.text("+0123456789 ()-.;,x#*‪ ", max_size=40),
    region=st.sampled_from([None, "US", "GB", "DE", "RU", "IT", "MX", "AQ", ""]),
)
def test_any_text_is_a_number_or_a_refusal(text, region):
    assert clean(clean(text)) == clean(text)
    try:
        number = read(text, region)
    except PhoneNumberError:
        assert readings(text, region) == [] or region
    else:
        assert number.e164[0] == "+"
        assert 7 <= len(number.e164) - 1 <= 15
        assert read(number.e164) == number
    found = international(text)
    assert found is None or 7 <= len(found) - 1 <= 15
    search_terms(text)
