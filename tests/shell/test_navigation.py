"""The navigation is data: every entry leads to a page, and only to one that its reader may open."""

import re

import pytest
from django.urls import get_resolver, reverse

from portal.shell import nav
from projects.access import Right
from projects.models import Role
from tests.support.pages import flat
from tests.support.people import sign_in
from tests.support.projects import add_member, make_project

pytestmark = pytest.mark.django_db


def side(response):
    """The addresses of the side navigation."""
    html = flat(response.content.decode())
    aside = re.search(r'<nav class="side-nav".*?</nav>', html, re.DOTALL).group(0)
    return re.findall(r'<a class="side-link[^"]*" href="([^"]+)"', aside)


def test_every_entry_resolves():
    assert {entry.url_name: reverse(entry.url_name, args=["pid_x"]) for entry in nav.entries()}.keys() == {
        "dashboard",
        "numbers:overview",
        "numbers:search",
        "numbers:purchased",
        "numbers:calls",
        "numbers:number_settings",
        "numbers:documents",
        "numbers:renewals",
        "projects:app_users",
        "billing:credits",
        "numbers:sms_settings",
        "numbers:sms_logs",
        "projects:keys",
        "projects:webhooks",
        "projects:settings",
        "numbers:api_reference",
    }


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_exactly_the_entries_that_it_may_open(client, role):
    project = make_project()
    person = project.created_by if role == Role.OWNER else add_member(project, role)
    sign_in(client, person)
    shown = side(client.get(reverse("dashboard", args=[project.pid])))
    for entry in nav.entries():
        url = reverse(entry.url_name, args=[project.pid])
        assert client.get(url).status_code == (200 if url in shown else 403), (role, entry.label)


@pytest.mark.parametrize("entry", list(nav.entries()), ids=lambda entry: entry.label)
def test_the_entry_of_the_open_page_is_marked(client, entry):
    project = make_project()
    sign_in(client, project.created_by)
    html = flat(client.get(reverse(entry.url_name, args=[project.pid])).content.decode())
    marked = re.findall(r'<a class="side-link[^"]*is-active[^"]*" href="([^"]+)" aria-current="page"', html)
    assert marked == [reverse(entry.url_name, args=[project.pid])]


def test_a_page_that_belongs_to_an_entry_keeps_it_active():
    found = nav.links(pid="pid_x", rights=frozenset(Right), view_name="numbers:lease")
    numbers = next(link for link in found if link.label == "Numbers")
    assert numbers.active
    assert [child.label for child in numbers.children if child.active] == ["Purchased Numbers"]
    assert not any(child.current for child in numbers.children)


def views_of_a_project(patterns, prefix="", inside=False):
    for each in patterns:
        within = inside or "pid" in each.pattern.converters
        if hasattr(each, "url_patterns"):
            inner = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from views_of_a_project(each.url_patterns, inner, within)
        elif within:
            yield prefix + each.name


def test_every_page_of_a_project_belongs_to_an_entry():
    """A form that is refused is shown under its own address, and must still say where one is."""
    known = {name for entry in nav.entries() for name in (entry.url_name, *entry.also)}
    found = set(views_of_a_project(get_resolver().url_patterns))
    assert {"projects:keys", "numbers:lease", "billing:credits"} <= found
    assert found - known == set()


def test_links_leave_out_what_a_right_does_not_cover():
    with_all = {link.label for link in nav.links(pid="p", rights=frozenset(Right), view_name="")}
    with_none = nav.links(pid="p", rights=frozenset(), view_name="")
    assert "Dashboard" in with_all
    assert with_none == []


def test_the_switcher_keeps_the_page_and_goes_to_the_dashboard_where_it_cannot():
    everything, at = frozenset(Right), nav.counterpart
    assert at(pid="b", rights=everything, view_name="numbers:purchased") == "/projects/b/numbers/purchased/"
    assert at(pid="b", rights=everything, view_name="numbers:lease") == "/projects/b/numbers/purchased/"
    assert at(pid="b", rights=everything, view_name="shell:pricing") == "/projects/b/"
    assert at(pid="b", rights=frozenset(), view_name="projects:keys") == "/projects/b/"
