"""Secrets never reach a log. Canaries go through real requests; what a handler of ours wrote is searched for them."""

import io
import json
import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from portal.core.logging import JsonFormatter, RequestId, scrub
from portal.core.request_id import RequestIdMiddleware, current_request, request_id
from tests.support.people import make_user, sign_in
from tests.support.projects import make_project


@pytest.fixture
def written():
    """Every line that our formatter writes, at every level, of every logger that propagates."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RequestId())
    root, django = logging.getLogger(), logging.getLogger("django")
    before = root.level, django.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    django.setLevel(logging.INFO)
    yield lambda: stream.getvalue()
    root.removeHandler(handler)
    root.setLevel(before[0])
    django.setLevel(before[1])


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def explode(monkeypatch):
    """Makes every page fail with an exception that quotes what the request sent, bare."""

    def arm(*quoted):
        def fail(self, request, view, args, kwargs):
            _ = request.POST
            raise RuntimeError("could not handle " + " and ".join(quoted))

        monkeypatch.setattr("portal.accounts.middleware.VerifiedLoginRequiredMiddleware.process_view", fail)

    return arm


@pytest.mark.django_db
class TestCanaries:
    def test_password_in_a_form(self, client, written, explode):
        explode("canary-hunter2", "rosebud canary")
        client.raise_request_exception = False
        answer = client.post(
            "/accounts/login/", {"login": "a@b.example", "password": "canary-hunter2", "password2": "rosebud canary"}
        )
        assert answer.status_code == 500
        assert "could not handle [scrubbed] and [scrubbed]" in written()
        assert "canary" not in written()

    def test_token_in_the_query(self, client, written, explode):
        explode("canarytoken1")
        client.raise_request_exception = False
        client.get("/?authtoken=canarytoken1&projectid=pid_x")
        assert "could not handle" in written()
        assert "canarytoken1" not in written()

    def test_token_in_a_query_with_more_fields_than_are_read(self, client, written, explode):
        explode("canarytoken1")
        client.raise_request_exception = False
        client.get("/?authtoken=canarytoken1&" + "&".join(f"a{n}=1" for n in range(600)))
        assert "could not handle" in written()
        assert "canarytoken1" not in written()

    def test_token_in_a_json_body_of_the_guide_api(self, client, written):
        project = make_project()
        client.post(
            "/purchasenumber",
            json.dumps(
                {
                    "projectid": project.pid,
                    "authtoken": "ptk_canary0000000000000000000000000000000",
                    "number": "+1",
                    "action": "purchase",
                }
            ),
            content_type="application/json",
        )
        client.post(
            "/purchasenumber",
            {"projectid": project.pid, "authtoken": "plain-canary", "number": "+1", "action": "purchase"},
        )
        client.get("/purchasenumber?authtoken=query-canary")
        assert '"path": "/purchasenumber"' in written()
        assert "canary" not in written()

    def test_authorization_header_and_session(self, client, written, explode):
        user = make_user()
        sign_in(client, user)
        session = client.session.session_key
        explode("Q2FuYXJ5OnNlY3JldA==", session)
        client.raise_request_exception = False
        client.get("/projects/", headers={"authorization": "Basic Q2FuYXJ5OnNlY3JldA=="})
        assert "could not handle" in written()
        assert "Q2FuYXJ5" not in written()
        assert session not in written()

    @pytest.mark.parametrize("secret", ["swk_canary1234567890", "canary-mistyped", "swk%5Fcanary1234567890"])
    def test_secret_in_the_address_of_a_gateway(self, client, written, monkeypatch, secret):
        """Whatever comes of it: refused, or failed with an exception that quotes it."""
        address = f"/carrier/v1/sms/jasmin/{secret}"
        client.post(address)
        client.get(f"{address}/")
        client.post(f"{address}/further")

        def fail(*args, secret, **kwargs):
            raise RuntimeError(f"could not handle {secret}")

        monkeypatch.setattr("numbers.carrier.sms_views.switch_of", fail)
        client.raise_request_exception = False
        assert client.post(address).status_code == 500
        lines_about_it = [line for line in lines(written()) if "/carrier/v1/sms/jasmin" in json.dumps(line)]
        assert len(lines_about_it) >= 4
        assert "could not handle" in written()
        assert "canary" not in written()

    def test_key_in_the_address_of_a_mailed_link(self, client, written, explode):
        explode("MQ:canarykey")
        client.raise_request_exception = False
        client.get("/accounts/confirm-email/MQ:canarykey/")
        assert "canarykey" not in written()
        assert '"path": "/accounts/confirm-email/[scrubbed]/"' in written()

    def test_a_field_with_a_secret_name_and_an_object_that_prints_one(self, written):
        class Leaky:
            def __str__(self):
                return "url redis://user:canary@host/0"

        logging.getLogger("portal.x").warning(
            "sent", extra={"password": "canary 1", "nested": {"api_token": "canary 2"}, "thing": Leaky()}
        )
        assert "canary" not in written()
        assert lines(written())[0]["thing"] == "url redis://[scrubbed]@host/0"


@pytest.mark.parametrize(
    "text",
    [
        "ptk_0123456789abcdefghijABCDEFGHIJ",
        "sk_live_canary00000",
        "rk_test_canary00000",
        "whsec_canary0000000",
        "sk_sandbox_canary0000",
        "Authorization: Bearer canary.canary",
        "authorization: basic Y2FuYXJ5Y2FuYXJ5",
        "password=canary",
        "password: 'my canary 3'",
        '{"password": "my canary 3"}',
        "?authtoken=canary&x=1",
        "{'otp_token': 'canary'}",
        "otpauth://totp/x?secret=CANARY",
        "-----BEGIN PRIVATE KEY-----\ncanary\ncanary\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\\ncanary",
        "postgresql://portal:canary@db/portal",
    ],
)
def test_patterns(text):
    assert "canary" not in scrub(text).lower()


@pytest.mark.parametrize(
    "text",
    [
        "The password was changed.",
        "token of project 7",
        "pid_23456789abcdefgh",
        "+12125550100",
        "https://portal.example/projects/",
        "secretary of the board",
    ],
)
def test_ordinary_text_stays(text):
    assert scrub(text) == text


@pytest.mark.django_db
class TestAccessLog:
    def test_one_line_per_request(self, client, written):
        user = make_user()
        sign_in(client, user)
        client.get("/accounts/security/?x=1", headers={"x-request-id": "proxy-0001"})
        line = next(line for line in lines(written()) if line["logger"] == "portal.access")
        assert line["level"] == "INFO"
        assert (line["method"], line["path"], line["user_id"]) == ("GET", "/accounts/security/", user.pk)
        assert line["request_id"] == "proxy-0001"
        assert line["status"] == 200
        assert line["ms"] > 0
        assert "x=1" not in written()

    def test_probes_are_not_logged(self, client, written):
        client.get("/healthz")
        assert written() == ""

    @pytest.mark.parametrize("given", ["", "short", "has spaces in it", "x" * 65, "line\nbreak-123"])
    def test_a_strange_request_id_is_replaced(self, given):
        request = RequestFactory().get("/", headers={"X-Request-ID": given})
        answer = RequestIdMiddleware(lambda request: HttpResponse(request_id.get()))(request)
        assert answer["X-Request-ID"] == answer.text != given
        assert len(answer.text) == 32
        assert request_id.get() == ""
        assert current_request.get() is None


def test_a_traceback_stays_one_line_of_json(written):
    try:
        raise ValueError('bad "value"\nwith password="canary\\"')
    except ValueError:
        logging.getLogger("portal.x").exception("failed")
    (line,) = lines(written())
    assert "Traceback" in line["exc_info"]
    assert "canary" not in line["exc_info"]
