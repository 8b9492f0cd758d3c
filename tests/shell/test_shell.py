"""The frame around signed-in pages: switcher, credits, account menu; and what it costs."""

import re

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import resolve, reverse

from portal.shell.context import SWITCHER_LIMIT, Shell
from projects.access import project_for
from tests.support.people import make_staff, sign_in
from tests.support.projects import fund, make_project

pytestmark = pytest.mark.django_db


def a_request(user, project):
    path = reverse("numbers:purchased", args=[project.pid])
    request = RequestFactory().get(path)
    SessionMiddleware(lambda _: None).process_request(request)
    request.user, request.resolver_match = user, resolve(path)
    request.project = project_for(user, project.pid)
    return request


def test_the_shell_costs_one_query(django_assert_max_num_queries):
    project = make_project()
    for n in range(12):
        make_project(project.created_by, name=f"Another {n}")
    fund(project, "20")
    request = a_request(project.created_by, project)
    with django_assert_max_num_queries(1):
        html = render_to_string("layouts/project.html", {}, request=request)
    assert "20.00 USD" in html
    assert "Another 11" in html


def test_a_public_page_asks_the_database_nothing_for_the_shell(client, django_assert_num_queries):
    client.get("/legal/terms/")
    with django_assert_num_queries(0):
        assert client.get("/legal/terms/").status_code == 200


def test_the_top_bar_leads_where_it_says(client):
    project = make_project(credit="12.50")
    sign_in(client, project.created_by)
    html = client.get(reverse("numbers:purchased", args=[project.pid])).content.decode()
    credits = re.search(r'<a class="credits-button" href="([^"]+)">(.*?)</a>', html, re.DOTALL)
    assert credits.group(1) == reverse("billing:credits", args=[project.pid])
    assert "12.50 USD" in credits.group(2)
    assert f'href="{reverse("account_security")}"' in html
    assert re.search(rf'<form[^>]*method="post" action="{reverse("account_logout")}"', html)
    assert "Staff desk" not in html
    assert '<a class="skip-link" href="#main">' in html
    assert 'id="main"' in html


def test_staff_find_their_desk(client):
    project = make_project(make_staff())
    sign_in(client, project.created_by)
    assert "Staff desk" in client.get(reverse("dashboard", args=[project.pid])).content.decode()


def test_the_switcher_shows_own_projects_only_and_keeps_the_page(client):
    project, stranger = make_project(name="Mine"), make_project(name="Of a stranger")
    other = make_project(project.created_by, name="My other one")
    sign_in(client, project.created_by)
    html = client.get(reverse("numbers:purchased", args=[project.pid])).content.decode()
    assert f'href="{reverse("numbers:purchased", args=[other.pid])}"' in html
    assert stranger.name not in html
    assert "Find a project" not in html


def test_the_switcher_gets_a_search_when_there_are_many(client):
    project = make_project()
    for n in range(8):
        make_project(project.created_by, name=f"Another {n}")
    sign_in(client, project.created_by)
    assert "Find a project" in client.get(reverse("dashboard", args=[project.pid])).content.decode()


def test_the_switcher_is_bounded(monkeypatch):
    monkeypatch.setattr("portal.shell.context.SWITCHER_LIMIT", 3)
    assert SWITCHER_LIMIT >= 50
    project = make_project()
    for n in range(4):
        make_project(project.created_by, name=f"Another {n}")
    assert len(Shell(a_request(project.created_by, project)).projects) == 3


def test_without_a_project_there_is_no_balance_and_no_navigation():
    request = RequestFactory().get("/")
    request.resolver_match = None
    shell = Shell(request)
    assert (shell.nav, shell.balance, shell.view_name) == ([], 0, "")


def test_names_are_escaped(client):
    project = make_project(name="<b>Bold</b> & co")
    sign_in(client, project.created_by)
    html = client.get(reverse("dashboard", args=[project.pid])).content.decode()
    assert "<b>Bold</b>" not in html
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; co" in html
