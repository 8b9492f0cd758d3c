"""How a region or a city may be spelt, and what it is the same as."""

import unicodedata

import pytest

from numbers.inventory import spelling

NFD = unicodedata.normalize("NFD", "São Paulo")


# -- spelling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "name", "written"),
    [
        (
            "US",
            "Nevada",
            [
                "NV",
                "nv",
                "NEVADA",
                "nevada",
                " Nevada ",
                "Nev.",
                "US-NV",
                "State of Nevada",
                "Nevada State",
                "ＮＥＶＡＤＡ",
                "Neva\u00adda",
                "Nevada\u200b",
                "\u200eNevada",
            ],
        ),
        ("US", "New York", ["N.Y.", "NY", "new  york", "New\u00a0York", "New-York", "New York State", "NEW YORK"]),
        ("US", "Washington D.C.", ["DC", "D.C.", "Washington, DC", "washington d. c.", "District of Columbia"]),
        ("US", "North Carolina", ["N. Carolina", "N Carolina", "NORTH CAROLINA", "N.C."]),
        ("US", "Hawaii", ["Hawai'i", "Hawai’i", "Hawaiʻi", "HI"]),
        ("CA", "Québec", ["Quebec", "QUEBEC", "QC", "Qc", "PQ", "Que\u0301bec", "Province of Quebec", "québec"]),
        ("CA", "Newfoundland and Labrador", ["NL", "NF", "Newfoundland & Labrador", "newfoundland"]),
        ("CA", "British Columbia", ["BC", "B.C.", "b. c.", "Colombie-Britannique"]),
        ("AU", "New South Wales", ["NSW", "N.S.W.", "new south wales", "AU-NSW"]),
        ("AU", "Western Australia", ["WA", "W. Australia"]),
        ("BR", "São Paulo", ["SP", "Sao Paulo", NFD, "SÃO PAULO", "Estado de São Paulo"]),
        ("DE", "Bavaria", ["Bayern", "BY", "bayern", "BAVARIA"]),
        ("DE", "Thuringia", ["Thueringen", "Thüringen", "TH"]),
        ("MX", "Nuevo León", ["NL", "Nuevo Leon", "NUEVO LEÓN"]),
        ("IN", "Odisha", ["Orissa", "OD", "OR"]),
    ],
)
def test_regions_have_the_name_of_the_list(country, name, written):
    assert {each: spelling.official_region(country, each) for each in [name, *written]} == dict.fromkeys(
        [name, *written], name
    )


def test_every_listed_name_and_code_means_one_region_only():
    from numbers.inventory import subdivisions

    for country, table in subdivisions.NAMES.items():
        for code, name in table.items():
            assert spelling.official_region(country, code) == name, (country, code)
            assert spelling.official_region(country, name.upper()) == name, (country, name)
    assert set(subdivisions.NAMES) >= {"US", "CA", "AU"}
    assert [len(subdivisions.NAMES[country]) for country in ("US", "CA", "AU")] == [51, 13, 8]


@pytest.mark.parametrize(
    "same",
    [
        ["St. Louis", "ST LOUIS", "Saint Louis", "Saint-Louis", "St.Louis", "st.  louis"],
        ["Fort Worth", "Ft. Worth", "FT WORTH"],
        ["Mount Vernon", "Mt Vernon", "Mt. Vernon"],
        ["Sault Ste. Marie", "Sault Sainte Marie"],
        ["Winston-Salem", "Winston Salem", "WINSTON–SALEM", "Winston‐Salem"],
        ["O'Fallon", "O’Fallon", "OFallon", "O`FALLON"],
        ["Coeur d'Alene", "Cœur d’Alène", "COEUR D ALENE"],
        ["North Las Vegas", "N. Las Vegas", "N Las Vegas"],
        ["São Paulo", "Sao Paulo", NFD],
        ["Łódź", "lodz"],
        ["De Kalb", "DeKalb"],
        ["McAllen", "MC ALLEN"],
        ["Sankt Pölten", "St. Pölten", "St. Polten"],
        ["København", "Kobenhavn"],
        ["Reykjavík", "REYKJAVIK"],
        ["Boca Raton", "Boca\u00a0Raton", "boca\traton"],
    ],
)
def test_spellings_of_one_place_have_one_key(same):
    assert len({spelling.key(each, "US") for each in same}) == 1, [spelling.key(each, "US") for each in same]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("City of London", "London"),
        ("Kansas", "Kansas City"),
        ("Au", "Aue"),
        ("North Bend", "South Bend"),
        ("Las Vegas", "Las Vegas Park"),
        ("San Jose", "Saint Joseph"),
    ],
)
def test_different_places_have_different_keys(one, other):
    assert not set(spelling.keys(one, "US")) & set(spelling.keys(other, "US"))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("LAS  VEGAS", "Las Vegas"),
        ("las vegas", "Las Vegas"),
        ("RIO DE JANEIRO", "Rio de Janeiro"),
        ("ULM", "Ulm"),
        ("WINSTON-SALEM", "Winston-Salem"),
        ("O’FALLON", "O'Fallon"),
        ("MCALLEN", "McAllen"),
        ("SÃO PAULO", "São Paulo"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("LaGrange", "LaGrange"),
        ("東京", "東京"),
        ("ST. JOHN'S", "St. John's"),
    ],
)
def test_names_are_shown_as_people_write_them(written, shown):
    assert spelling.shown(written) == shown
