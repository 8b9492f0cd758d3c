"""The short way for programs: portal.edge.machine."""

import json
import logging

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from portal.edge.machine import EDGES
from tests.support.people import sign_in


def test_each_edge_covers_its_addresses_and_nothing_beside(client, db):
    covered = {
        address: next((edge.prefix for edge in EDGES if edge.covers(address)), None)
        for address in (
            "/carrier",
            "/carrier/v1/x",
            "/carriers",
            "/listnewnumbers",
            "/listnewnumbers/",
            "/listnewnumbersx",
            "/api/callrouting",
            "/api/callroutings",
            "/api/v1/numbers",
            "/apidocs",
            "/projects/",
        )
    }
    assert covered == {
        "/carrier": "/carrier",
        "/carrier/v1/x": "/carrier",
        "/carriers": None,
        "/listnewnumbers": "/listnewnumbers",
        "/listnewnumbers/": "/listnewnumbers",
        "/listnewnumbersx": None,
        "/api/callrouting": "/api/callrouting",
        "/api/callroutings": "/api",
        "/api/v1/numbers": "/api",
        "/apidocs": None,
        "/projects/": None,
    }


@pytest.mark.parametrize("address", ["/api", "/api/", "/api/v1/nothing", "/api/callroutings"])
def test_an_unknown_api_address_is_a_json_problem(client, address):
    response = client.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["code"] == "not_found"


def test_no_session_is_read_written_or_needed(db, stranger):
    client = sign_in(Client(enforce_csrf_checks=True), stranger)
    with CaptureQueriesContext(connection) as queries:
        response = client.post("/purchasenumber", {})
    assert response.status_code == 400
    assert len(queries) == 0
    assert not response.cookies


def test_headers_of_every_answer(client, db):
    for response in (client.get("/listnewnumbers"), client.get("/carrier/x"), client.put("/api/callrouting")):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert len(response.headers["X-Request-ID"]) >= 8
        assert "Strict-Transport-Security" not in response.headers
    with override_settings(SECURE_HSTS_SECONDS=60):
        assert client.get("/listnewnumbers", secure=True).headers["Strict-Transport-Security"] == "max-age=60"


def _broken(request):
    raise RuntimeError("the password is hunter2")


def _offline(request):
    raise OperationalError("connection to 10.0.0.7 refused")


class Broken:
    urlpatterns = [
        path("listnewnumbers", _broken),
        path("api/callrouting", _offline),
        path("api/v1", _broken),
        path("carrier/v1", _broken),
    ]


@pytest.fixture
def broken_urls(settings):
    settings.ROOT_URLCONF = Broken


def test_a_bug_is_a_500_with_the_request_id_and_a_log_line_and_nothing_of_the_inside(broken_urls, client, caplog):
    with caplog.at_level(logging.ERROR, "portal.edge.machine"):
        response = client.get("/listnewnumbers", headers={"X-Request-ID": "abcdef123456"})
    body = response.json()
    assert (response.status_code, body["status"], body["code"]) == (500, "Internal Server Error", 500)
    assert "abcdef123456" in body["message"]
    assert "hunter2" not in response.content.decode()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.records[0].exc_info
    assert client.get("/carrier/v1").json() == {"error": "internal_error"}
    assert client.get("/api/v1").json()["status"] == 500


def test_a_lost_database_is_a_503_to_be_tried_again(broken_urls, client):
    response = client.post("/api/callrouting")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json()["data"]["code"] == 503
    assert "10.0.0.7" not in response.content.decode()


def test_no_view_behind_an_edge_lacks_its_method_check(client, db):
    for address in ("/listnewnumbers", "/purchasenumber", "/api/callrouting", "/carrier/v1/routes/+12125550101"):
        for method in ("PUT", "DELETE", "TRACE", "BREW"):
            response = client.generic(method, address)
            assert response.status_code == 405, (method, address)
            assert response.headers["Allow"]
            json.loads(response.content)
