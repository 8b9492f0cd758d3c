"""GET /listnewnumbers, guide tables 1–3."""

import re
from decimal import Decimal

import pytest

from tests.support.inventory import make_number

pytestmark = pytest.mark.django_db
US = {"country": "US", "limit": "0,20", "number_type": "DID"}


def ask(client, **parameters):
    return client.get("/listnewnumbers", parameters)


def test_the_guides_example(client):
    make_number(
        "+18005550111", type="tollfree", region="", city="", setup_price=Decimal("0.55"), monthly_price=Decimal("0.55")
    )
    response = client.get("/listnewnumbers?country=US&limit=0,20&number_type=tollfree")
    assert response.status_code == 200
    assert response.content.decode() == (
        '{"status": "Success", "count": 1, "code": 200, "data": [{"city": "", "state": null, '
        '"number_type": "tollfree", "docs_required": 0, "monthly_cost": 0.5500, "setup_cost": 0.5500, "sms": 1, '
        '"number": "+18005550111", "pstn": 1}]}'
    )


def test_field_types_of_a_did(client):
    make_number("+12125550101", docs_required=True, sms=False, setup_price=Decimal("1.123456"))
    (row,) = ask(client, **US).json()["data"]
    assert row == {
        "city": "New York",
        "state": "New York",
        "number_type": "DID",
        "docs_required": 1,
        "monthly_cost": 2.0,
        "setup_cost": 1.123456,
        "sms": 0,
        "number": "+12125550101",
        "pstn": 1,
    }


@pytest.mark.parametrize("kind", ["DID", "did", "Did", "Tollfree", "TOLLFREE", "tollfree"])
def test_number_type_in_any_case(client, kind):
    make_number("+12125550101")
    make_number("+18005550111", type="tollfree")
    wanted = "+18005550111" if kind.lower() == "tollfree" else "+12125550101"
    assert [row["number"] for row in ask(client, **US | {"number_type": kind}).json()["data"]] == [wanted]


def test_limit_is_offset_and_count_and_count_is_the_total(client):
    numbers = [make_number(f"+121255501{n:02d}").e164 for n in range(7)]
    pages = [ask(client, **US | {"limit": limit}).json() for limit in ("0,3", "3,3", "6,3")]
    assert [page["count"] for page in pages] == [7, 7, 7]
    assert [row["number"] for page in pages for row in page["data"]] == numbers
    beyond = ask(client, **US | {"limit": "7,3"})
    assert (beyond.status_code, beyond.json()["status"]) == (404, "No Data")


def test_optional_filters(client):
    make_number("+12125550101", region="New York")
    make_number("+13105550102", region="California", city="Los Angeles", sms=False)
    make_number("+13105550103", region="California", voice=False)

    def found(**extra):
        response = ask(client, **US | extra)
        return [row["number"][-1] for row in response.json()["data"]]

    assert found(state="California") == found(state="CA") == ["2", "3"]
    assert found(sms="1") == ["1", "3"]
    assert found(voice="1") == ["1", "2"]
    assert found(sms="1", voice="1") == ["1"]
    assert found(pattern="310", match="start") == ["2", "3"]
    assert found(pattern="0101", match="end") == ["1"]
    assert found(pattern="5550103") == ["3"]


def test_nothing_found_is_404_no_data(client):
    response = ask(client, **US | {"country": "FR"})
    assert response.status_code == 404
    body = response.json()
    assert (body["status"], body["code"], body["count"], body["data"]) == ("No Data", 404, 0, [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"country": ""}, "country"),
        ({"country": "us"}, "country"),
        ({"country": "USA"}, "country"),
        ({"country": "ZZ"}, "country"),
        ({"country": "\x00"}, "country"),
        ({"limit": ""}, "limit"),
        ({"limit": "20"}, "limit"),
        ({"limit": "0,0"}, "limit"),
        ({"limit": "0,101"}, "limit"),
        ({"limit": "-1,5"}, "limit"),
        ({"limit": "0,5,6"}, "limit"),
        ({"limit": "99999999999,5"}, "limit"),
        ({"limit": "0,٣"}, "limit"),
        ({"limit": "a,b"}, "limit"),
        ({"number_type": ""}, "number_type"),
        ({"number_type": "pager"}, "number_type"),
        ({"number_type": "any"}, "number_type"),
        ({"sms": "2"}, "sms"),
        ({"voice": "maybe"}, "voice"),
        ({"match": "middle", "pattern": "1"}, "match"),
        ({"pattern": "#!"}, "pattern"),
        ({"pattern": "1" * 60}, "pattern"),
        ({"state": "x" * 100}, "state"),
    ],
)
def test_a_bad_parameter_is_400_and_named(client, change, field):
    make_number("+12125550101")
    response = ask(client, **US | change)
    body = response.json()
    assert (response.status_code, body["code"], body["field"]) == (400, 400, field)
    assert (body["count"], body["data"]) == (0, [])
    assert len(body["message"]) > 10


@pytest.mark.parametrize("missing", ["country", "limit", "number_type"])
def test_required_parameters(client, missing):
    response = ask(client, **{name: value for name, value in US.items() if name != missing})
    assert (response.status_code, response.json()["field"]) == (400, missing)


def test_a_parameter_given_twice_is_refused(client):
    response = client.get("/listnewnumbers?country=US&country=GB&limit=0,20&number_type=DID")
    assert (response.status_code, response.json()["field"]) == (400, "country")


@pytest.mark.usefixtures("one_minute")
def test_too_many_requests_from_one_address(client, settings):
    settings.LIST_NUMBERS_PER_MINUTE = 3
    make_number("+12125550101")
    answers = [ask(client, **US) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["status"] == "Too Many Requests"
    assert re.fullmatch(r"[1-9]|[1-5]\d|60", answers[3].headers["Retry-After"])
    other = client.get("/listnewnumbers", US, REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 200


def test_no_session_no_redirect_and_other_methods(client):
    make_number("+12125550101")
    assert client.get("/listnewnumbers/", US).status_code == 200
    response = client.post("/listnewnumbers", US)
    assert (response.status_code, response.headers["Allow"], response.json()["code"]) == (405, "GET, HEAD", 405)
    options = client.options("/listnewnumbers")
    assert (options.status_code, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    head = client.head("/listnewnumbers", US)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(client.get("/listnewnumbers", US).content)
    answer = client.get("/listnewnumbers", US)
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"
