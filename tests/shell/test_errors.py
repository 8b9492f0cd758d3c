"""Errors have pages of their own, with the reference that support asks for; programs and htmx get their form."""

import pytest
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from portal.core.errors import DomainError
from portal.core.forms import add_domain_error
from portal.edge import errors
from portal.urls import handler400, handler403, handler404, handler429, handler500
from portal.urls import urlpatterns as real
from projects.models import Project
from tests.support.people import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@login_not_required
def refuse(request):
    raise DomainError("insufficient_credit", "3.00 USD are missing.", status=402, url="/pricing/", url_label="Prices")


@login_not_required
def deny(request):
    raise PermissionDenied


@login_not_required
def break_down(request):
    raise RuntimeError("a secret of the inside")


@login_not_required
def look_up(request):
    return HttpResponse(Project.objects.filter(name=request.POST.get("name", "")).count())


@login_not_required
def surrogate(request):
    return HttpResponse("\ud800".encode())


@login_not_required
def ask_postgres(request):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT convert_from('\\x00'::bytea, 'UTF8')")
    return HttpResponse()


urlpatterns = [
    path("t/refuse/", refuse),
    path("t/deny/", deny),
    path("t/break/", break_down),
    path("t/look/", look_up),
    path("t/surrogate/", surrogate),
    path("t/postgres/", ask_postgres),
    path("", include(real)),  # type: ignore[arg-type]
]
__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500"]


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/no/such/page/", 404, "There is nothing here"),
        ("/t/deny/", 403, "You may not open this"),
        ("/t/break/", 500, "Something went wrong on our side"),
        ("/t/refuse/", 402, "3.00 USD are missing."),
        ("/t/surrogate/", 400, "We could not read this request"),
        ("/pricing/?country=%00", 400, "We could not read this request"),
        ("/legal/%00/", 400, "We could not read this request"),
    ],
)
def test_an_error_page_has_status_words_and_reference(visitor, address, status, words):
    response = visitor.get(address, headers={"X-Request-ID": "ref-0123456789"})
    html = response.content.decode()
    assert response.status_code == status
    assert words in html
    assert "ref-0123456789" in html
    assert html.count("<h1") == 1
    assert "a secret of the inside" not in html


def test_the_page_of_a_refusal_offers_the_next_step(visitor):
    assert '<a class="btn btn-primary" href="/pricing/">Prices</a>' in visitor.get("/t/refuse/").content.decode()


@pytest.mark.parametrize(("address", "status"), [("/no/such/page/", 404), ("/t/deny/", 403), ("/t/refuse/", 402)])
def test_htmx_gets_a_notification(visitor, address, status):
    response = visitor.get(address, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert response.status_code == status
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#toasts", "beforeend")
    assert "portal-toast-danger" in html
    assert "<html" not in html


def test_a_program_gets_json(visitor):
    response = visitor.get("/t/refuse/", headers={"Accept": "application/json"})
    assert response.status_code == 402
    assert response.json() == {"status": "Error", "code": 402, "message": "3.00 USD are missing."}


def test_the_page_for_a_server_error_needs_no_database(visitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert visitor.get("/t/break/").status_code == 500


def test_a_server_error_is_answered_even_if_its_template_fails(visitor, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no templates")

    monkeypatch.setattr("portal.edge.errors.render_to_string", fail)
    response = visitor.get("/t/break/", headers={"X-Request-ID": "ref-0123456789"})
    assert response.status_code == 500
    assert "ref-0123456789" in response.content.decode()


def test_a_stale_form_is_explained():
    response = Client(enforce_csrf_checks=True).post("/t/look/", {"name": "a"})
    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()


def test_too_many_requests(rf):
    response = errors.too_many_requests(rf.get("/"))
    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()


@pytest.mark.parametrize("body", [{"name": "a\x00b"}, {f"f{n}": "x" for n in range(600)}])
def test_malformed_input_is_the_sender_s_fault(visitor, body):
    assert visitor.post("/t/look/", body).status_code == 400


def test_other_faults_of_data_stay_faults(visitor):
    """Only text that cannot be stored is the sender's fault; what we ask wrongly must be seen."""
    assert visitor.get("/t/postgres/").status_code == 500


class NameForm(forms.Form):
    name = forms.CharField(required=False)


@pytest.mark.parametrize(("field", "place"), [("name", "name"), (None, "__all__"), ("elsewhere", "__all__")])
def test_a_refusal_finds_its_place_in_a_form(field, place):
    form = NameForm({"name": "typed"})
    form.is_valid()
    add_domain_error(form, DomainError("taken", "It is taken.", field=field))
    assert form.errors == {place: ["It is taken."]}
    assert form["name"].value() == "typed"


def test_a_stranger_s_project_is_not_found_and_a_member_s_right_is_named(client, project, stranger):
    sign_in(client, stranger)
    response = client.get(f"/projects/{project.pid}/")
    assert response.status_code == 404
    assert project.name not in response.content.decode()
