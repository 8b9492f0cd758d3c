"""POST /purchasenumber: its parameters, keys and limits."""

from datetime import UTC, datetime

import pytest

from numbers.models import Number
from projects import tokens
from projects.actor import SYSTEM
from projects.models import AuthToken
from tests.guide_api.test_purchase import DID, buy
from tests.support.inventory import make_number
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("missing", ["projectid", "authtoken", "number", "action"])
def test_required_parameters(client, keys, missing):
    make_number(DID)
    values = keys.sent | {"number": DID, "action": "purchase"}
    del values[missing]
    response = client.post("/purchasenumber", values)
    assert (response.status_code, response.json()["field"], response.json()["code"]) == (400, missing, 400)


def test_the_only_action_is_purchase(client, keys):
    make_number(DID)
    response = buy(client, keys, action="release")
    assert (response.status_code, response.json()["field"]) == (400, "action")
    assert buy(client, keys, action="Purchase").status_code == 200


# -- keys ---------------------------------------------------------------------------------------------------------


def wrong_pairs(keys):
    stranger = make_project()
    theirs = tokens.reveal(project=stranger, slot="primary", by=SYSTEM)
    return {
        "token of another project": (keys.pid, theirs),
        "another project": (stranger.pid, keys.token),
        "unknown project": ("pid_" + "z" * 16, keys.token),
        "well-formed token": (keys.pid, tokens.new_secret()),
        "nonsense": ("x", "y"),
        "almost": (keys.pid, keys.token[:-1]),
        "upper": (keys.pid.upper(), keys.token),
        "long": (keys.pid, "x" * 200),
        "percent": ("%", "%"),
        "unicode": ("pid_ü", "ptk_ü"),
    }


def test_wrong_keys_all_get_the_same_answer_and_change_nothing(client, keys, settings):
    settings.FAILED_KEYS_PER_MINUTE = 0
    make_number(DID)
    answers = set()
    for name, (pid, token) in wrong_pairs(keys).items():
        response = client.post(
            "/purchasenumber", {"projectid": pid, "authtoken": token, "number": DID, "action": "purchase"}
        )
        assert response.status_code == 401, name
        answers.add(response.content)
    assert answers == {
        b'{"status": "Unauthorized", "code": 401, "error": "invalid_keys", "message": "Invalid Project ID/Auth Token"}'
    }
    assert Number.objects.get().status == "available"


def test_a_revoked_token_is_a_wrong_token(client, keys):
    make_number(DID)
    AuthToken.objects.update(revoked_at=datetime.now(UTC))
    assert buy(client, keys).status_code == 401


@pytest.mark.usefixtures("one_minute")
def test_after_too_many_failures_even_right_keys_are_not_looked_at(client, keys, settings):
    settings.FAILED_KEYS_PER_MINUTE = 3
    make_number(DID)
    wrong = {"projectid": keys.pid, "authtoken": "wrong", "number": DID, "action": "purchase"}
    assert [client.post("/purchasenumber", wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = buy(client, keys)
    assert (refused.status_code, refused.json()["code"]) == (429, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    elsewhere = client.post(
        "/purchasenumber", keys.sent | {"number": DID, "action": "purchase"}, REMOTE_ADDR="192.0.2.5"
    )
    assert elsewhere.status_code == 200


def test_right_keys_are_never_counted_as_failures(client, keys, settings):
    settings.FAILED_KEYS_PER_MINUTE = 2
    for _ in range(5):
        assert buy(client, keys).status_code == 404


@pytest.mark.usefixtures("one_minute")
def test_writes_of_a_project_are_limited(client, keys, settings):
    settings.PROJECT_WRITES_PER_MINUTE = 2
    make_number(DID)
    assert [buy(client, keys).status_code for _ in range(3)] == [200, 409, 429]
    assert client.post("/api/callrouting", keys.sent).status_code == 429, "one limit for all writes"
    other = make_project()
    token = tokens.reveal(project=other, slot="primary", by=SYSTEM)
    theirs = client.post("/api/callrouting", {"projectid": other.pid, "authtoken": token})
    assert theirs.status_code == 400, "each project has its own"


def test_other_methods(client, keys):
    response = client.get("/purchasenumber", keys.sent)
    assert (response.status_code, response.headers["Allow"], response.json()["code"]) == (405, "POST", 405)
    assert client.post("/purchasenumber/", keys.sent).json()["field"] == "action"
