"""The demo's numbers, all of them (its count and seed): real formats, true places, enough everywhere."""

from collections import Counter

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType, geocoder

from numbers.inventory import feed as portal_feed
from numbers.inventory import feed_checks
from numbers.models import Number
from sandbox.feed import countries, places
from sandbox.feed.__main__ import HEADER, rows
from sandbox.feed.number_types import TYPES

# What a number of each type may be, by the range of the numbering plan that the type is drawn from.
RANGES = {kind.name: {getattr(PhoneNumberType, kind.plan.upper())} for kind in TYPES}
for found in RANGES.values():
    if found & {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE}:
        found.add(PhoneNumberType.FIXED_LINE_OR_MOBILE)  # where the digits do not tell


@pytest.fixture(scope="module")
def feed():
    return [dict(zip(HEADER, line, strict=True)) for line in rows(100_000, seed=7)]


def test_the_feed_is_as_long_as_asked_and_always_the_same(feed):
    assert len(feed) == len({row["e164"] for row in feed}) == len({row["supplier_id"] for row in feed}) == 100_000
    assert rows(2_000, seed=3) == rows(2_000, seed=3) != rows(2_000, seed=4)


def test_it_has_every_type_of_number_that_the_portal_knows(feed):
    assert [kind.name for kind in TYPES] == Number.Type.values
    assert {row["type"] for row in feed} == set(Number.Type.values)


def test_the_portal_takes_its_lines(feed):
    for row in feed[::50]:
        line = portal_feed.Line(2, [row[name] for name in portal_feed.HEADER])
        assert isinstance(feed_checks.check(line), feed_checks.Offer), row


def test_more_than_sixty_countries_each_with_stock(feed):
    found = Counter(row["country"] for row in feed)
    assert set(found) == set(countries.CODES)
    assert len(found) > 60
    assert min(found.values()) >= 200
    assert 0.38 < found["US"] / len(feed) < 0.45
    assert len({code for code in found if phonenumbers.country_code_for_region(code) == 1}) >= 5


def test_every_number_is_valid_and_its_area_matches(feed):
    for row in feed:
        number = phonenumbers.parse(row["e164"])
        assert phonenumbers.is_valid_number_for_region(number, row["country"]), row
        assert phonenumbers.number_type(number) in RANGES[row["type"]], row
        if row["type"] != "did":
            assert (row["region"], row["city"]) == ("", ""), row
            continue
        assert phonenumbers.region_code_for_number(number) == row["country"], row
        _check_place(row, geocoder.description_for_number(number, "en"))


def _check_place(row, described):
    """The geocoder names the whole country when it knows no more."""
    assert not row["region"] or row["region"] == row["region"].strip()
    if row["country"] in ("US", "CA"):
        state = places.split(row["country"], described)
        expected = state[0] if state else places.KNOWN.get(row["e164"][2:5])
        assert expected is None or row["region"] == expected, (row, described)
        assert row["region"], row
    if row["city"]:
        assert row["city"].casefold() in described.casefold(), (row, described)
    elif row["region"] and row["country"] not in ("US", "CA"):
        assert row["region"] in described or not described, (row, described)


def test_area_codes_that_the_geocoder_lacks_have_their_state(feed):
    expected = {"203": "Connecticut", "310": "California", "713": "Texas", "718": "New York", "905": "Ontario"}
    found = {row["e164"][2:5]: row["region"] for row in feed if row["e164"][2:5] in expected and row["e164"][1] == "1"}
    assert found == expected


def test_the_united_states_have_all_states_and_toll_free(feed):
    american = [row for row in feed if row["country"] == "US"]
    assert len({row["region"] for row in american} - {""}) == 51
    assert len({row["e164"][2:5] for row in american}) > 300
    assert {row["e164"][2:5] for row in american if row["type"] == "tollfree"} == {
        "800",
        "833",
        "844",
        "855",
        "866",
        "877",
        "888",
    }
    assert sum("sms" in row["capabilities"] for row in american) > 0.8 * len(american)


def test_documents_and_prices_are_plausible(feed):
    documents = {row["country"]: row["docs_required"] for row in feed}
    assert documents["US"] == documents["CA"] == "no"
    assert {documents[code] for code in ("DE", "FR", "GB", "IN", "MX", "AU")} == {"yes"}
    for row in feed:
        assert 0 <= float(row["setup"]) <= 20
        assert 0.5 <= float(row["monthly"]) <= 70
    free = {row["country"] for row in feed if row["type"] == "tollfree"}
    assert len(free) > 60
