"""How far the guide's list reaches."""

import json

import pytest

from numbers.guide_api import envelopes
from numbers.inventory import stats
from numbers.inventory.search import SearchPage
from tests.support.inventory import make_number


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limit", "status"),
    [
        ("0,1", 200),
        ("0,100", 200),
        ("0,101", 400),
        ("0,0", 400),
        ("10000,20", 404),
        ("10001,20", 400),
        ("999999999,1", 400),
        ("-1,20", 400),
        ("0", 400),
        ("0,20,1", 400),
    ],
)
def test_a_window_of_the_list(limit, status, client):
    make_number()
    stats.refresh()
    answer = client.get("/listnewnumbers", {"country": "US", "number_type": "DID", "limit": limit})
    assert answer.status_code == status
    assert answer.json().get("field") == ("limit" if status == 400 else None)


@pytest.mark.parametrize("capped", [True, False])
def test_a_total_that_is_not_all_says_so(capped):
    body = json.loads(envelopes.list_response(SearchPage([], 10_000, capped)).content)
    assert (body["count"], repr(body.get("count_capped"))) == (10_000, "True" if capped else "None")  # 1 is not true
