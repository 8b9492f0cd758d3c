"""Every kind of answer carries the headers that keep browsers safe."""

import pytest

from tests.support.people import sign_in
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db


def check(answer, *, csp=True):
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Request-ID"]
    if csp:
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy


@pytest.mark.parametrize("path", ["/", "/pricing/", "/legal/terms/", "/accounts/login/", "/accounts/signup/"])
def test_public_pages(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    check(answer)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_signed_in_pages(client, superuser):
    project = make_project(superuser)
    sign_in(client, superuser)
    for path in ("/projects/", f"/projects/{project.pid}/", "/admin/"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        check(answer)


def test_errors_redirects_and_refusals(client):
    for path, status in (("/nowhere/", 404), ("/projects/", 302), ("/payments/stripe/webhook", 405)):
        answer = client.get(path)
        assert answer.status_code == status, path
        check(answer)
    from django.test import Client

    refused = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert refused.status_code == 403
    check(refused)


def test_machines(client):
    for path in ("/listnewnumbers", "/carrier/v1/routes/+12125550100"):
        check(client.get(path))


def test_the_browser_is_told_to_stay_on_https(client, settings):
    settings.SECURE_HSTS_SECONDS = 31536000
    assert client.get("/", secure=True)["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in client.get("/")
