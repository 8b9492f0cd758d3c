"""POST /api/callrouting, guide tables 8–11."""

import json

import pytest

from numbers.models import CallRoute
from projects.models import AuditEntry
from tests.support.leases import DID, make_lease

pytestmark = pytest.mark.django_db
TARGET = "+442079460018"


@pytest.fixture
def lease(keys):
    return make_lease(project=keys.project)


def route(client, keys, **extra):
    return client.post("/api/callrouting", keys.sent | {"calltype": "3", "number": DID, "pstn_number": TARGET} | extra)


def test_the_guides_own_curl_line_with_its_line_break(client, keys, lease):
    body = f"projectid={keys.pid}&authtoken={keys.token}&number=+12125550101&calltype=3\n&pstn_number=+442079460018"
    response = client.generic("POST", "/api/callrouting", body, "application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert response.json() == {"data": {"code": 200, "message": f"Calls to {DID} are forwarded to {TARGET}."}}
    assert CallRoute.objects.get().pstn_target == TARGET
    entry = AuditEntry.objects.get(action="route.set")
    assert (entry.actor_kind, entry.subject, entry.data["target"]) == ("token", DID, TARGET)


def test_it_sets_and_changes_with_json(client, keys, lease):
    for target in (TARGET, "442079460019", 442079460020):
        body = json.dumps(keys.sent | {"calltype": 3, "number": DID, "pstn_number": target})
        assert client.generic("POST", "/api/callrouting", body, "application/json; charser=UTF-8").status_code == 200
    assert CallRoute.objects.get().pstn_target == "+442079460020"


def test_wrong_keys_are_the_guides_404(client, keys, lease):
    response = route(client, keys, authtoken="wrong")
    assert response.status_code == 404
    assert response.json()["data"] == {"code": 404, "message": "Invalid Project ID/Auth Token", "error": "invalid_keys"}
    assert not CallRoute.objects.exists()


@pytest.mark.parametrize(
    "target",
    [
        "+44 (0)20 7946 0018",
        "00 44 20 7946 0018",
        "011 44 20 7946 0018",
        "tel:+44-20-7946-0018",
        "44 (0)20 7946 0018",
        "\u202a+44\u00a020\u200b7946\u00ad0018\u202c",
        "+٤٤٢٠٧٩٤٦٠٠١٨",
    ],
)
def test_a_target_in_every_spelling(client, keys, lease, target):
    assert route(client, keys, pstn_number=target).json()["data"]["message"].endswith(f"forwarded to {TARGET}.")


@pytest.mark.parametrize(
    "number", ["+1 (212) 555-0101", "001 212 555 0101", "\u200e+12125550101", "tel:+1-212-555-0101"]
)
def test_the_own_number_in_every_spelling(client, keys, lease, number):
    assert route(client, keys, number=number).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pstn_number": "+49 6691 12345 67890"}, "pstn_number"),
        ({"pstn_number": "+49669112345678901"}, "pstn_number"),
        ({"pstn_number": "+43 1234"}, "pstn_number"),
        ({"pstn_number": "+1 212 555 O1OO"}, "pstn_number"),
        ({"pstn_number": "+12125550100 ext. 5"}, "pstn_number"),
        ({"pstn_number": "+"}, "pstn_number"),
        ({"pstn_number": "🙂"}, "pstn_number"),
        ({"number": "+49 6691 12345 67890"}, "number"),
        ({"number": "+1 212 555 OIOI"}, "number"),
        ({"number": "+12125550101 x5"}, "number"),
        ({"calltype": "1"}, "calltype"),
        ({"calltype": "3.0"}, "calltype"),
        ({"number": "abc"}, "number"),
        ({"pstn_number": "123"}, "pstn_number"),
        ({"pstn_number": "hello"}, "pstn_number"),
        ({"pstn_number": "911"}, "pstn_number"),
        ({"pstn_number": "+19005550100"}, "pstn_number"),
        ({"pstn_number": DID}, "pstn_number"),
        ({"pstn_number": "9" * 200}, "pstn_number"),
        ({"number": ""}, "number"),
    ],
)
def test_bad_input_is_400_in_the_guides_envelope(client, keys, lease, change, field):
    response = route(client, keys, **change)
    data = response.json()["data"]
    assert (response.status_code, data["code"], data["field"]) == (400, 400, field)
    assert not CallRoute.objects.exists()


@pytest.mark.parametrize("missing", ["calltype", "number", "pstn_number", "projectid", "authtoken"])
def test_required_parameters(client, keys, lease, missing):
    values = keys.sent | {"calltype": "3", "number": DID, "pstn_number": TARGET}
    del values[missing]
    response = client.post("/api/callrouting", values)
    assert (response.status_code, response.json()["data"]["field"]) == (400, missing)


def test_a_number_of_nobody_or_of_somebody_else_is_401_alike(client, keys):
    make_lease("+12125550102")
    theirs, nobodys = (route(client, keys, number=number) for number in ("+12125550102", "+12125550103"))
    assert theirs.status_code == nobodys.status_code == 401
    assert theirs.content.replace(b"0102", b"0103") == nobodys.content
    assert theirs.json()["data"]["message"].startswith("User Creation Failed")
    assert not CallRoute.objects.exists()


@pytest.mark.parametrize("change", [{"status": "released"}, {"voice": False}])
def test_a_released_number_or_one_without_voice_is_401(client, keys, change):
    make_lease(project=keys.project, **change)
    assert route(client, keys).status_code == 401
    assert not CallRoute.objects.exists()


def test_an_archived_project_is_401(client, keys, lease):
    keys.project.status = "archived"
    keys.project.save()
    response = route(client, keys)
    assert (response.status_code, response.json()["data"]["error"]) == (401, "project_archived")


@pytest.mark.usefixtures("one_minute")
def test_limits_methods_and_unknown_addresses_keep_the_envelope(client, keys, lease, settings):
    settings.FAILED_KEYS_PER_MINUTE = 1
    got = client.get("/api/callrouting")
    assert (got.status_code, got.headers["Allow"], got.json()["data"]["code"]) == (405, "POST", 405)
    assert client.post("/api/callrouting/elsewhere").json()["data"]["code"] == 404
    route(client, keys, authtoken="wrong")
    limited = route(client, keys, authtoken="wrong")
    assert (limited.status_code, limited.json()["data"]["code"]) == (429, 429)
    assert int(limited.headers["Retry-After"]) > 0
