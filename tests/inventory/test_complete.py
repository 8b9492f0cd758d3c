"""Complete numbers pasted into a search: one result each, in every spelling and with every "Contains"."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numbers.inventory import search, search_parameters
from numbers.inventory.search_query import SearchQuery
from numbers.models import Number
from tests.support.inventory import make_number
from tests.support.pages import flat
from tests.support.people import sign_in, staff_client
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db
VEGAS, FREE, BERLIN = "+17025551009", "+448007501588", "+4930901820"
OF_THE_US = ["1-702-555-1009", "0017025551009", "17025551009", "+17025551009", "+1 702 555 1009",
    "(702) 555-1009", "702.555.1009",
             "1 (702) 555-1009", "011 1 702 555 1009", "tel:+1-702-555-1009",
    "\u202a+1\u00a0702\u200b555\u00ad1009\u202c",
             "+1 (0)702 555 1009", "＋１７０２５５５１００９"]  # fmt: skip
OF_BRITAIN = [
    "0800 750 1588",
    "+44 (0)800 750 1588",
    "0044 800 750 1588",
    "0044 (0)800 750 1588",
    "800 750 1588",
    "448007501588",
    "44 (0)800 7501588",
    "+44 0800 750 1588",
    "011 44 800 750 1588",
    "٠٨٠٠ ٧٥٠ ١٥٨٨",
]


@pytest.fixture
def stock():
    for e164 in (VEGAS, "+17025551008", "+17025551010"):
        make_number(e164, region="Nevada")
    for e164 in (FREE, "+448007501589"):
        make_number(e164, country="GB", type="tollfree", region="")
    for e164 in (BERLIN, "+49309018201", "+49493090182"):
        make_number(e164, country="DE", region="")


@pytest.fixture
def find(client):
    """The page's addresses of a search, without and with htmx."""
    project = make_project()
    sign_in(client, project.created_by)

    def get(name="search", **params):
        return client.get(reverse(f"numbers:{name}", args=[project.pid]), params)

    return get


def shown(response):
    return re.findall(r'<tr data-number="([^"]+)"', response.content.decode())


@pytest.mark.parametrize("match", ["contains", "start", "end"])
@pytest.mark.parametrize(
    ("country", "text", "e164"),
    [
        *(("US", text, VEGAS) for text in OF_THE_US),
        *(("GB", text, FREE) for text in OF_BRITAIN),
        *(
            ("DE", text, BERLIN)
            for text in ("030 901820", "30901820", "+49 (0)30 901820", "4930901820", "0049 30 901820")
        ),
    ],
)
def test_one_number_is_found_in_every_spelling(stock, country, text, e164, match):
    page = search.search(search_parameters.parse({"country": country, "pattern": text, "match": match}).resolved())
    assert ([row.e164 for row in page.rows], page.total) == ([e164], 1)


def test_the_page_and_the_guides_call_find_it_with_the_usual_contains(stock, find, client):
    for text in ("1-702-555-1009", "0017025551009"):
        assert shown(find(country="US", pattern=text)) == [VEGAS]
        asked = {"country": "US", "limit": "0,20", "number_type": "DID", "pattern": text}
        answer = client.get("/listnewnumbers", asked)
        assert [row["number"] for row in answer.json()["data"]] == [VEGAS]
    page = find(country="GB", pattern="0800 750 1588")
    assert shown(page) == [FREE]
    assert "<mark>800 750 1588</mark>" in page.content.decode()


def test_other_filters_still_count_and_say_what_they_keep_away(stock, find):
    assert shown(find(country="US", pattern="1-702-555-1009", type="tollfree")) == []
    text = flat(find(country="US", pattern="1-702-555-1009", region="California").content.decode())
    assert "Without the region: <b>1 number</b>" in text


@pytest.mark.parametrize(("country", "text"), [
    ("US", "+44 (0)800 750 1588"), ("US", "0044 800 750 1588"), ("US", "448007501588"), ("US", "0800 750 1588"),
    ("CA", "702 555 1009"),
    ("CA", "+1 702 555 1009"), ("GB", "17025551009"), ("GB", "(702) 555-1009"), ("GB", "tel:+1-702-555-1009"),
])  # fmt: skip
def test_a_number_of_another_country_leads_there(stock, find, client, country, text):
    theirs, where = ("US", "the United States") if "702" in text else ("GB", "the United Kingdom")
    page = find(country=country, pattern=text)
    assert shown(page) == []
    words = flat(page.content.decode())
    assert f"is a number of {where}" in words
    assert "It is on offer there." in words
    link = re.search(rf'href="([^"]+)">Search in {where}<', words)[1].replace("&amp;", "&")
    assert f"country={theirs}" in link or theirs == "US"
    assert shown(client.get(link)) == [VEGAS if theirs == "US" else FREE]


def test_a_number_of_another_country_that_is_not_on_offer_leads_there_too(stock, find):
    words = flat(find(country="US", pattern="+33 1 23 45 67 89").content.decode())
    assert "+33 1 23 45 67 89 is a number of France, not of the United States." in words
    assert "It is not on offer there at the moment." in words
    words = flat(find(country="US", pattern="+1 204 234 5678").content.decode())
    assert "is a number of Canada" in words


@pytest.mark.parametrize("text", ["+1 702 555 1234", "(702) 555-1234", "0017025551234", "1-702-555-1234"])
def test_a_number_of_the_country_that_is_not_on_offer_is_named(stock, find, text):
    words = flat(find(country="US", pattern=text).content.decode())
    assert '<span class="phone-number">+1 702-555-1234</span> is not on offer' in words


@pytest.mark.parametrize(("country", "text", "match", "count"), [
    ("US", "5100", "contains", 2), ("US", "702", "start", 3), ("US", "+1702555", "contains", 3),
    ("US", "1009", "end", 1),
    ("US", "001702", "start", 3), ("GB", "0800", "start", 2), ("GB", "+44 (0)800", "contains", 2),
    ("GB", "?0075*", "contains", 2),
    ("US", "70255510??", "contains", 3), ("US", "702555*", "start", 3), ("DE", "0901820", "contains", 2),
    ("DE", "30901820", "start", 1),
])  # fmt: skip
def test_parts_and_patterns_are_what_they_were(stock, country, text, match, count):
    query = search_parameters.parse({"country": country, "pattern": text, "match": match}).resolved()
    assert len(search.search(query).rows) == count


def test_a_complete_number_costs_one_query_more(stock):
    with CaptureQueriesContext(connection) as queries:
        search.search(SearchQuery("US", pattern="1-702-555-1009").resolved())
    assert len([each for each in queries if re.search(r"numbers_number\b", each["sql"])]) == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=120)
    | st.text("+0123456789 ()-*?x", max_size=24),
    country=st.sampled_from(["US", "GB", "DE", "IT"]),
)
def test_any_text_is_answered(stock, find, client, text, country):
    answer = find(country=country, pattern=text)
    assert answer.status_code == (422 if answer.context["search"].errors else 200)
    assert find("purchased", q=text).status_code in (200, 422)


# -- lists of numbers that exist -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", OF_THE_US)
def test_the_admin_sites_numbers_take_every_spelling(stock, client, text):
    staff = staff_client("Provisioning", client)
    page = staff.get("/admin/numbers/number/", {"q": text}).content.decode()
    assert re.findall(r"field-e164[^>]*><a[^>]*>([^<]+)<", page) == [VEGAS]


@pytest.mark.parametrize("text", OF_BRITAIN)
def test_british_numbers_too(stock, client, text):
    page = staff_client("Provisioning", client).get("/admin/numbers/number/", {"q": text}).content.decode()
    assert re.findall(r"field-e164[^>]*><a[^>]*>([^<]+)<", page) == [FREE]


@pytest.mark.parametrize(
    ("text", "count"), [("+1702", 3), ("1702", 3), ("001702", 3), ("+44 (0)800", 2), ("hello", 0), ("\x00", 0)]
)
def test_beginnings_in_the_admin_site(stock, client, text, count):
    page = staff_client("Provisioning", client).get("/admin/numbers/number/", {"q": text}).content.decode()
    assert len(re.findall(r"field-e164[^>]*><a", page)) == count


def test_the_admin_sites_search_reads_an_index(stock):
    from numbers.inventory.number_filter import prefix_filter

    found = Number.objects.filter(prefix_filter("(702) 555-1009")).order_by("e164")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = found.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql} LIMIT 50", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "one_number_per_e164" in plan
    assert "Index Cond" in plan
