"""The portal while PostgreSQL restarts, hangs, or somebody else keeps a lock."""

import os
import re
import signal
import time
from html import unescape
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path, reverse

from billing.ledger.models import Account
from numbers.console.orders.forms import new_form_token
from numbers.models import Lease
from portal.core.databases import TIMEOUTS
from portal.urls import handler400, handler403, handler404, handler429, handler500
from portal.urls import urlpatterns as real
from projects import tokens
from projects.actor import SYSTEM
from projects.models import Project
from tests.faults.workers import held, until
from tests.ops import outages
from tests.support.inventory import make_number
from tests.support.people import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]
__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500"]
E164 = "+12125550188"


def end(request):
    """The server ends the connection in the middle of a transaction."""
    with transaction.atomic():
        Project.objects.first()
        terminate(backend())
        Project.objects.first()
    return HttpResponse()


def ask_twice(request):
    """The same between two statements that do not belong together."""
    Project.objects.first()
    terminate(backend())
    return HttpResponse(Project.objects.count())


urlpatterns = [path("t/end/", end), path("t/twice/", ask_twice), path("", include(real))]  # type: ignore[arg-type]


def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def terminate(pid):
    """As pg_terminate_backend does. Returns when it is gone."""
    os.kill(pid, signal.SIGTERM)
    until(lambda: not Path(f"/proc/{pid}").exists(), "the backend to end")


@pytest.fixture
def starting_credit():
    return "20"


@pytest.fixture
def project(project):
    make_number(E164)
    return project


@pytest.fixture
def customer(client, project):
    return sign_in(Client(raise_request_exception=False), project.created_by)


@pytest.fixture
def dashboard(project):
    return reverse("dashboard", args=[project.pid])


@pytest.fixture
def buying(project):
    """Address and form of a purchase."""
    return reverse("numbers:buy", args=[project.pid, E164[1:]]), {
        "form_token": new_form_token(),
        "expected_total": "3.00",
    }


@pytest.fixture
def wallet_locked(project):
    """Somebody keeps the project's wallet for longer than anybody waits."""
    account = Account.objects.get(project=project, kind="wallet")
    return lambda: held("SELECT 1 FROM billing_account WHERE id = %s FOR UPDATE", account.pk)


def test_a_connection_that_was_ended_between_two_requests_costs_nobody_anything(customer, dashboard):
    assert customer.get(dashboard).status_code == 200
    pid = backend()
    terminate(pid)
    assert customer.get(dashboard).status_code == 200
    assert backend() != pid


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/accounts/login/", 200),
        ("/", 503),
        ("/listnewnumbers?country=US&limit=0,1&number_type=DID", 503),
        ("/carrier/v1/routes/+12125550100", 401),
    ],
)
def test_a_server_that_died_between_two_requests_is_no_fault_of_ours(address, status):
    """Through the server's own entrance: Django looks at its connections before any middleware, and the test client
    leaves that out."""
    server, answered = WSGIHandler(), []
    environ = RequestFactory().get(address).environ
    terminate(backend())
    usual = connection.settings_dict
    connection.settings_dict = usual | {"HOST": "/nowhere"}
    try:
        server(environ, lambda line, headers: answered.append(int(line.split()[0]))).close()
    finally:
        connection.close()
        connection.settings_dict = usual
    assert answered == [status]


def test_nor_between_two_statements_that_do_not_belong_together(customer):
    assert customer.get("/t/twice/").content == b"1"


def test_inside_a_transaction_it_is_said(customer):
    answer = customer.get("/t/end/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert customer.get("/t/twice/").status_code == 200


def test_a_server_that_hangs_is_given_up(customer, dashboard):
    with outages.database(PATIENCE=0.5):
        customer.get(dashboard)
        with outages.frozen(backend()):
            began = time.monotonic()
            answer = customer.get(dashboard)
            took = time.monotonic() - began
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert took < 5
    assert customer.get(dashboard).status_code == 200


@pytest.mark.parametrize("name", [*TIMEOUTS, "command"])
def test_each_class_waits_as_long_as_it_may(name):
    lock, statement = TIMEOUTS.get(name, (0, 0))
    with outages.of_class(name), connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings "
            "WHERE name IN ('lock_timeout', 'statement_timeout', 'application_name')"
        )
        assert dict(cursor.fetchall()) == {
            "lock_timeout": str(lock),
            "statement_timeout": str(statement),
            "application_name": name,
        }


def test_a_locked_wallet_is_said_soon_and_the_form_can_be_sent_again(customer, buying, wallet_locked):
    address, form = buying
    with wallet_locked(), outages.of_class("people"):
        began = time.monotonic()
        answer = customer.post(address, form)
        took = time.monotonic() - began
    html = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert took < 3
    assert f'action="{address}"' in html
    assert not Lease.objects.exists()
    kept = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', html)}
    assert kept == form
    assert customer.post(address, kept).status_code == 302
    assert Lease.objects.count() == 1


def test_htmx_gets_a_notification_and_keeps_its_form(customer, buying, wallet_locked):
    address, form = buying
    with wallet_locked(), outages.of_class("people"):
        answer = customer.post(address, form, headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#toasts", "beforeend")
    assert "<html" not in answer.content.decode()


def test_a_program_gets_the_code_in_its_envelope(project, wallet_locked):
    keys = {"projectid": project.pid, "authtoken": tokens.reveal(project=project, slot="primary", by=SYSTEM)}
    with wallet_locked(), outages.of_class("rest"):
        answer = Client().post("/purchasenumber", keys | {"number": E164, "action": "purchase"})
    assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (503, "busy", "2")


def test_a_form_with_a_secret_is_not_kept_on_a_page():
    with outages.read_only():
        answer = Client(raise_request_exception=False).post(
            "/accounts/login/", {"login": "a@b.example", "password": "correct horse"}
        )
    assert "correct horse" not in answer.content.decode()


def test_a_form_is_offered_again_only_with_the_token_it_came_with(project, buying):
    """Or else a forged form would become a good one."""
    customer = sign_in(Client(enforce_csrf_checks=True, raise_request_exception=False), project.created_by)
    address, form = buying
    with outages.read_only():
        answer = customer.post(address, form | {"csrfmiddlewaretoken": "forged"})
    assert answer.status_code == 403
    with outages.dead():
        answer = customer.post(address, form | {"csrfmiddlewaretoken": "forged"})
    assert 'type="hidden"' not in answer.content.decode()


def test_a_disk_that_is_full_is_said_like_a_database_that_is_read_only(customer, dashboard, monkeypatch):
    def spill(request, *args, **kwargs):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute(
                "WITH wide AS MATERIALIZED (SELECT repeat('x', 8000) AS words FROM generate_series(1, 128)) "
                "SELECT count(words) FROM wide"
            )

    customer.get("/t/twice/")
    monkeypatch.setattr(urlpatterns[1], "callback", spill)
    with outages.no_room_to_sort():
        answer = customer.get("/t/twice/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "you can still see everything" in answer.content.decode()
