"""A region and a city have one spelling, however suppliers and customers write them."""

import random
import unicodedata
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from numbers.inventory import places, queries, query_plan, search, search_parameters, search_statements, stats
from numbers.inventory.query_plan import QueryPlan
from numbers.inventory.search_cursors import write_cursor
from numbers.inventory.search_query import SearchQuery, filters_of
from numbers.inventory.search_statements import Window
from numbers.models import CityStat, Number, Place
from portal.core.errors import DomainError
from tests.inventory.feed_rows import line, write
from tests.support.inventory import make_number
from tests.support.pages import flat
from tests.support.people import sign_in
from tests.support.projects import make_project
from tests.support.refusals import refusal

CASES = Path(__file__).with_name("cases")
NFD = unicodedata.normalize("NFD", "São Paulo")


@pytest.fixture
def load(tmp_path, db, capsys):
    def call(*rows):
        call_command("import_numbers", write(tmp_path / "feed.csv", *rows))
        return capsys.readouterr().out.strip()

    return call


def found(**asked):
    return [row.e164 for row in search.search(search_parameters.parse({"country": "US"} | asked)).rows]


def stored(field, **conditions):
    return set(Number.objects.filter(**conditions).values_list(field, flat=True))


# -- storing --------------------------------------------------------------------------------------------------------


def test_the_case_has_one_region_and_one_city(tmp_path, db):
    call_command("import_numbers", CASES / "feed_region_case.csv")
    assert [(each.name, each.code, each.count) for each in queries.regions("US")] == [("Nevada", "NV", 4)]
    assert stored("city") == {"Las Vegas"}
    for asked in (
        {"region": "NEVADA"},
        {"region": "nv"},
        {"state": "Nevada"},
        {"city": "las  vegas"},
        {"city": "LAS VEGAS, NV"},
        {"region": "US-NV", "city": "Las\u00a0Vegas"},
    ):
        assert len(found(**asked)) == 4, asked


def test_a_region_without_a_list_has_one_name_too(load):
    rows = [
        ("+33140000001", "ÎLE-DE-FRANCE"),
        ("+33140000002", "Ile de France"),
        ("+33140000003", "Île-de-France"),
        ("+33140000004", "I\u0302le de France"),
    ]
    load(*(line(n, e164=e164, country="FR", region=region, city="PARIS") for n, (e164, region) in enumerate(rows)))
    assert [(each.name, each.count) for each in queries.regions("FR")] == [("Île-de-France", 4)]
    assert len(found(country="FR", region="ile de france")) == 4
    assert stored("city") == {"Paris"}
    assert load(
        *(line(n, e164=e164, country="FR", region=region, city="PARIS") for n, (e164, region) in enumerate(rows))
    ).startswith("added 0, updated 0, unchanged 4")


def test_the_best_spelling_wins_whenever_it_comes(load):
    load(line(1, city="ST LOUIS"), line(2, city="Montreal"))
    assert stored("city") == {"St Louis", "Montreal"}
    Number.objects.filter(city="Montreal").update(status="leased")
    load(line(3, city="Saint Louis"), line(4, city="Montréal"), line(5, city="MONTREAL"))
    assert stored("city") == {"Saint Louis", "Montréal"}, "what is leased follows too"
    load(line(6, city="st. louis"), line(7, city="montreal"))
    assert stored("city") == {"Saint Louis", "Montréal"}
    assert Number.objects.filter(city="Montréal").count() == 4


def test_two_letters_for_one_are_the_same_city_and_other_cities_are_not(load):
    offers = [
        line(n, e164=f"+49309018{n:04d}", country="DE", region="", city=city)
        for n, city in enumerate(["Muenchen", "Munchen", "München", "MUENCHEN", "Au", "Aue"])
    ]
    load(*offers)
    assert stored("city") == {"München", "Au", "Aue"}
    for city in ("munchen", "Muenchen", "MÜNCHEN", "Mu\u0308nchen"):
        assert len(found(country="DE", city=city)) == 4, city
    assert len(found(country="DE", city="au")) == 1


def test_numbers_stored_before_are_repaired_by_the_next_import(load):
    for n, (region, city, status) in enumerate(
        [
            ("NEVADA", "LAS VEGAS", "available"),
            ("NV", "Las Vegas", "leased"),
            ("Nevada", "Las  Vegas", "withdrawn"),
            ("nevada", "las vegas", "held"),
            ("Nevada", "Las Vegas", "available"),
        ]
    ):
        make_number(f"+1702555{n:04d}", region=region, city=city, status=status)
    load(line(1))
    assert stored("region", e164__startswith="+1702") == {"Nevada"}
    assert stored("city", e164__startswith="+1702") == {"Las Vegas"}
    assert len(found(region="NV", city="las vegas")) == 2
    assert places.repair() == 0


def test_a_repair_goes_by_ranges_and_leaves_alone_what_is_right(db, monkeypatch):
    monkeypatch.setattr(places, "REPAIR_BATCH", 3)
    made = [make_number(region="NEW YORK" if n % 2 else "New York", city="") for n in range(20)]
    before = {each.pk: each.updated_at for each in made}
    assert places.repair() == 10
    assert stored("region") == {"New York"}
    assert dict(Number.objects.values_list("pk", "updated_at")) == before


def test_a_name_too_strange_for_a_key_stays_as_it_is(load):
    load(line(1, city="—", region="…"), line(2, city="ﷺ" * 80))
    assert stored("city") == {"-", "ﷺ" * 80}


# -- finding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def towns(load):
    names = [
        "São Paulo",
        "São Bernardo do Campo",
        "Saint Louis",
        "St. Paul",
        "Stockton",
        "Fort Worth",
        "Las Vegas",
        "North Las Vegas",
        "Las Cruces",
        "Québec",
    ]
    load(*(line(n, city=names[n % len(names)], region="NV" if n % 2 else "NM") for n in range(40)))
    return names


@pytest.mark.parametrize(
    ("typed", "cities"),
    [
        ("sao paulo", {"São Paulo"}),
        ("SÃO PAULO", {"São Paulo"}),
        (NFD, {"São Paulo"}),
        ("Quebec", {"Québec"}),
        ("Québec", {"Québec"}),
        ("quebec, qc", {"Québec"}),
        ("sao", {"São Paulo", "São Bernardo do Campo"}),
        ("st", {"Saint Louis", "St. Paul", "Stockton"}),
        ("St.", {"Saint Louis", "St. Paul", "Stockton"}),
        ("st l", {"Saint Louis"}),
        ("saint", {"Saint Louis", "St. Paul"}),
        ("ft wor", {"Fort Worth"}),
        ("Las", {"Las Vegas", "Las Cruces"}),
        ("las v", {"Las Vegas"}),
        ("n las", {"North Las Vegas"}),
        ("LAS VEGAS", {"Las Vegas"}),
        ("Paulo", set()),
        ("nowhere", set()),
        ("%", set()),
        ("_", set()),
        ("a%", set()),
    ],
)
def test_a_city_is_found_by_its_name_and_by_its_beginning(towns, typed, cities):
    page = search.search(search_parameters.parse({"country": "US", "city": typed, "limit": "100"}))
    assert {row.city for row in page.rows} == cities
    assert page.total == 4 * len(cities)


def test_too_many_cities_are_refused_and_never_shown_in_part(load, monkeypatch):
    load(*(line(n, city=f"San {chr(65 + n)}") for n in range(6)))
    monkeypatch.setattr(places, "MAX_CITIES", 5)
    error = refusal(found, city="san")
    assert (error.code, error.field) == ("invalid_city", "city")
    assert len(found(city="san b")) == 1


def test_several_cities_answer_as_the_plain_query_on_every_path(catalogue):
    places.repair()
    rng, paths = random.Random(11), set()
    everything = list(
        Number.objects.filter(status="available", country="US")
        .order_by("e164")
        .values_list("e164", "region", "city", "sms")
    )
    for _ in range(200):
        cities = tuple(
            sorted(
                {
                    f"{rng.choice(['New York', 'California'])} City {rng.randrange(3)}"
                    for _ in range(rng.randrange(2, 5))
                }
            )
        )
        pattern, sms = rng.choice(["", "", "5", "12", "123", "0012"]), rng.random() < 0.3
        match = rng.choice(["contains", "end"])
        query = SearchQuery(
            "US",
            city="x",
            cities=cities,
            pattern=pattern,
            match=match,
            sms=sms,
            limit=10,
            offset=rng.choice([0, 0, 15]),
        )
        expected = [
            e164
            for e164, _, city, able in everything
            if city in cities
            and (able or not sms)
            and (e164[2:].endswith(pattern) if match == "end" else pattern in e164[2:])
        ]
        page = search.search(query)
        assert [row.e164 for row in page.rows] == expected[query.offset : query.offset + 10], query
        assert page.total == len(expected), query
        back = search.search(
            SearchQuery(
                "US",
                city="x",
                cities=cities,
                pattern=pattern,
                match=match,
                sms=sms,
                limit=10,
                after=write_cursor("before", "+14000000"),
            )
        )
        assert [row.e164 for row in back.rows] == [each for each in expected if each < "+14"][-10:]
        plan = QueryPlan(filters_of(query))
        paths.add(search_statements.rows(plan, Window(limit=11)).path)
        for path in ("ordered", "reverse", "grams"):
            if plan.costs[path](11) < query_plan.IMPOSSIBLE_US:
                rows = search.fetch(search_statements.rows(plan, Window(limit=11), path))
                assert [row[1] for row in rows] == expected[:11], (path, query)
    assert "ordered" in paths


# -- the page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(client, db):
    project = make_project()
    sign_in(client, project.created_by)

    def get(name="search", htmx=False, **params):
        address = reverse(f"numbers:{name}", args=[project.pid])
        return client.get(address, params, headers={"HX-Request": "true"} if htmx else {})

    return get


def test_cities_are_suggested_while_typing_by_the_numbers_they_have(towns, page, load):
    load(*(line(n, city="Las Cruces", region="New Mexico") for n in range(50, 60)))
    text = page("results", htmx=True, country="US", city="las").content.decode()
    assert '<datalist id="cities" hx-swap-oob="true">' in text
    assert text.index('value="Las Cruces"') < text.index('value="Las Vegas"')
    assert 'North Las Vegas"' not in text
    text = page(country="US", city="sao").content.decode()
    assert 'list="cities"' in text
    assert '<option value="São Paulo" label="São Paulo (sao)">' in text
    assert '<option value="Las Cruces"' not in page(country="US", region="NV", city="las c").content.decode()
    assert '<option value="Québec" label' not in page(country="US", city="Québec").content.decode()


def test_suggestions_among_thousands_of_cities_need_no_statistics_of_the_planner(db):
    """Just after a count the tables are new to it; it once read all places for each city."""
    names = [f"S{chr(97 + n // 676 % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}ville" for n in range(8_000)]
    Place.objects.bulk_create([Place(country="US", kind="city", key=name.lower(), name=name) for name in names])
    CityStat.objects.bulk_create(
        [CityStat(country="US", region="Nevada", city=name, count=n) for n, name in enumerate(names, 1)]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '3s'")
    for region in ("", "Nevada"):
        assert places.suggestions("US", region, "s")[0].name == names[-1]
    assert places.suggestions("US", "Utah", "s") == []
    with pytest.raises(DomainError):
        places.cities("US", "s")
    assert places.cities("US", names[5]) == (names[5],)


def test_a_page_with_suggestions_costs_few_queries(towns, page):
    page(country="US")
    for params in ({"city": "sa"}, {"city": "las vegas"}, {"city": "nowhere", "pattern": "99"}):
        with CaptureQueriesContext(connection) as captured:
            response = page("results", htmx=True, country="US", **params)
        assert response.status_code == 200
        assert len(captured) <= 10, params


def test_a_bookmark_with_an_old_spelling_shows_the_region_chosen(towns, page):
    for old in ("NEVADA", "NV", "nevada ", "State of Nevada"):
        text = flat(page(country="US", region=old).content.decode())
        assert '<option value="Nevada" data-note="NV" selected>' in text, old
        assert "20 numbers" in text


def test_the_counts_of_cities_are_those_of_the_numbers_for_sale(towns):
    Number.objects.filter(city="Stockton").update(status="leased")
    stats.refresh()
    assert places.suggestions("US", "", "sto") == []
    assert [(each.name, each.count) for each in places.suggestions("US", "", "queb")] == [("Québec", 4)]
