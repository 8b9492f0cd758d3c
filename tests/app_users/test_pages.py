"""App users: the list, one of them, adding, and the look-ahead."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from projects.actor import SYSTEM
from projects.app_users import services
from projects.app_users.models import AppUser
from projects.app_users.passwords import decrypted
from projects.models import Project, Role
from tests.support.app_users import NOW, add_app_user, many_app_users
from tests.support.pages import html, text
from tests.support.people import browser_of
from tests.support.projects import add_member, make_project
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def url(project, name="app_users", *args):
    return reverse(f"projects:{name}", args=[project.pid, *args])


def listed(page):
    return re.findall(r'<a class="app-username"[^>]*>([^<]*)</a>', html(page))


class TestList:
    def test_who_is_there_and_where_to_go(self, customer, project):
        assert "No app users yet" in text(customer.get(url(project)))
        add_app_user(project, "bob", display_name="Bob <Reception>")
        gone = add_app_user(project, "alice").app_user
        services.deactivate(app_user=gone, by=SYSTEM, now=NOW)
        page = customer.get(url(project))
        assert listed(page) == ["alice", "bob"]
        assert "Bob &lt;Reception&gt;" in html(page)
        assert "1 active · 1 deactivated" in text(page)
        assert url(project, "app_user_add") in html(page)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, ["alice", "bob", "carol.winter"]),
            ({"q": "LI"}, ["alice"]),
            ({"q": "winter"}, ["alice", "carol.winter"]),
            ({"status": "active"}, ["alice", "carol.winter"]),
            ({"status": "deactivated"}, ["bob"]),
            ({"status": "deactivated", "q": "alice"}, []),
            ({"q": "%"}, []),
            ({"q": "_"}, []),
            ({"after": "alice"}, ["bob", "carol.winter"]),
        ],
    )
    def test_search_and_filter(self, customer, project, query, found):
        add_app_user(project, "carol.winter")
        add_app_user(project, "alice", display_name="Alice Winter")
        services.deactivate(app_user=add_app_user(project, "bob").app_user, by=SYSTEM, now=NOW)
        add_app_user(make_project(), "winter")
        assert listed(customer.get(url(project), query)) == found
        part = customer.get(url(project), query, headers=HTMX | {"HX-Target": "app-users-list"})
        assert listed(part) == found
        assert "<html" not in html(part)

    @pytest.mark.parametrize("query", [{"status": "x"}, {"q": "x" * 200}, {"after": "x" * 100}])
    def test_a_filter_that_makes_no_sense_is_explained(self, customer, project, query):
        add_app_user(project)
        page = customer.get(url(project), query)
        assert page.status_code == 422
        assert "alice" in html(page, 422)

    def test_pages_lead_through_all_and_cost_the_same(self, customer, project):
        add_app_user(project)
        listed(customer.get(url(project)))  # the first page of a session asks for more
        few = query_count(customer, url(project))
        many_app_users(project, 10_000)
        address, seen = url(project) + "?q=user0000", []
        while address:
            page = customer.get(address)
            seen += listed(page)
            following = re.search(r'rel="next" href="([^"]*)"', html(page))
            address = following[1].replace("&amp;", "&") if following else ""
        assert seen == [f"user{n:05}" for n in range(10)]
        first = customer.get(url(project))
        assert len(listed(first)) == 25
        following = re.search(r'rel="next" href="([^"]*)"', html(first))[1]
        assert listed(customer.get(following))[0] == f"user{24:05}"  # alice is the first of all
        assert query_count(customer, url(project)) == few <= 10
        assert query_count(customer, url(project) + "?q=nobody&status=active") <= few

    @pytest.mark.parametrize("role", [Role.BILLING, Role.READ_ONLY])
    def test_who_may_only_look_is_offered_nothing(self, project, role):
        app_user = add_app_user(project).app_user
        browser = browser_of(add_member(project, role))
        for where in (url(project), url(project, "app_user", app_user.pk)):
            page = html(browser.get(where))
            assert "alice" in page
            for name in ("app_user_add", "app_user_password", "app_user_deactivate"):
                args = [] if name == "app_user_add" else [app_user.pk]
                assert url(project, name, *args) not in page

    def test_nothing_is_offered_in_an_archived_project(self, customer, project):
        app_user = add_app_user(project).app_user
        Project.objects.update(status="archived")
        assert url(project, "app_user_add") not in html(customer.get(url(project)))
        page = customer.post(url(project, "app_user", app_user.pk), {"display_name": "x"})
        assert "This project is archived" in html(page, 409)
        for name in ("app_user_password", "app_user_deactivate"):
            assert "This project is archived" in html(customer.post(url(project, name, app_user.pk)), 409)


class TestAdding:
    def add(self, customer, project, **fields):
        return customer.post(url(project, "app_user_add"), {"username": "alice"} | fields)

    def test_the_password_is_shown_once(self, customer, project, settings, caplog):
        caplog.set_level("DEBUG")
        settings.SIP_DOMAIN = "sip.example.test"
        page = self.add(customer, project, username=" Alice ", display_name="Alice Winter")
        app_user = AppUser.objects.get()
        password = decrypted(app_user.sip_password)
        assert (app_user.username, app_user.display_name) == ("alice", "Alice Winter")
        for value in (password, "alice", f"{project.pid}.sip.example.test"):
            assert f'<code class="copy-value">{value}</code>' in html(page)
        assert "no-store" in page.headers["Cache-Control"]
        for where in (url(project), url(project, "app_user", app_user.pk), url(project, "app_user_add")):
            assert password not in html(customer.get(where))
        assert password not in caplog.text
        assert password not in str(dict(customer.session))

    def test_a_double_click_shows_the_same_password(self, customer, project):
        key = re.search(r'name="creation_key" value="([^"]+)"', html(customer.get(url(project, "app_user_add"))))[1]
        pages = [self.add(customer, project, creation_key=key) for _ in range(2)]
        shown = [re.findall(r'<code class="copy-value">([^<]*)<', html(page)) for page in pages]
        assert shown[0] == shown[1]
        assert AppUser.objects.count() == 1

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"username": ""}, "Enter the App Username/Login ID."),
            ({"username": "alice@customer.example"}, "only the part before the @: alice"),
            ({"username": "x" * 65}, "at most 64 characters; this one has 65"),
            ({"username": "o'hara"}, "no apostrophe"),
            ({"username": "taken"}, "There is an app user taken already."),
            ({"username": "a\x00b"}, "Null characters are not allowed."),
            ({"display_name": "x" * 81}, "at most 80 characters; this one has 81"),
        ],
    )
    def test_what_is_wrong_stands_by_the_field_and_nothing_typed_is_lost(self, customer, project, fields, words):
        add_app_user(project, "taken")
        typed = {"username": "alice", "display_name": "Ada", "creation_key": "nonsense"} | fields
        page = self.add(customer, project, **typed)
        assert page.status_code in (409, 422)
        assert words in text(page)
        assert "invalid-feedback" in html(page, page.status_code)
        for value in typed.values():
            assert (
                not value
                or "\x00" in value
                or f'value="{value}"' in html(page, page.status_code).replace("&#x27;", "'")
            )
        assert AppUser.objects.count() == 1

    def test_the_limit_is_explained(self, customer, project, settings):
        settings.APP_USERS_PER_PROJECT = 1
        add_app_user(project, "bob")
        assert "A project has at most 1 active app users." in text(self.add(customer, project))

    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(username=st.text(max_size=80), name=st.text(max_size=90), key=st.text(max_size=40))
    def test_nothing_typed_breaks_it(self, customer, project, username, name, key):
        username, name, key = (each.encode("utf-8", "ignore").decode() for each in (username, name, key))
        page = self.add(customer, project, username=username, display_name=name, creation_key=key)
        assert page.status_code in (200, 409, 422)


class TestOne:
    def test_its_name_is_saved(self, customer, project):
        app_user = add_app_user(project, display_name="Ada").app_user
        here = url(project, "app_user", app_user.pk)
        page = customer.post(here, {"display_name": " Ada  Winter"}, follow=True)
        assert "The display name was saved." in html(page)
        assert "changed the display name of the app user alice" in text(page)
        assert AppUser.objects.get().display_name == "Ada Winter"
        page = customer.post(here, {"display_name": "x" * 81})
        assert f'value="{"x" * 81}"' in html(page, 422)

    def test_reset_asks_first_then_shows_the_new_password_once(self, customer, project):
        added = add_app_user(project)
        here = url(project, "app_user_password", added.app_user.pk)
        assert "Reset the SIP password of alice?" in html(customer.get(here))
        assert decrypted(AppUser.objects.get().sip_password) == added.password
        for headers in ({}, HTMX):
            page = customer.post(here, headers=headers)
            password = decrypted(AppUser.objects.get().sip_password)
            assert password != added.password
            assert f'<code class="copy-value">{password}</code>' in html(page)
            assert ("<html" in html(page)) is not bool(headers)
            assert password not in html(customer.get(url(project, "app_user", added.app_user.pk)))

    def test_deactivate_asks_first_and_leads_back(self, customer, project):
        app_user = add_app_user(project).app_user
        here, own = url(project, "app_user_deactivate", app_user.pk), url(project, "app_user", app_user.pk)
        assert "Deactivate alice?" in html(customer.get(here))
        assert AppUser.objects.get().is_active
        assert customer.post(here).url == own
        assert not AppUser.objects.get().is_active
        assert "Deactivated on" in text(customer.get(own))
        assert customer.get(url(project, "app_user_activate", app_user.pk)).url == own
        assert customer.post(url(project, "app_user_activate", app_user.pk)).url == own
        assert AppUser.objects.get().is_active
        listing = f"http://testserver{url(project)}?status=active"
        page = customer.post(here, headers=HTMX | {"HX-Current-URL": listing})
        assert page.headers["HX-Redirect"] == f"{url(project)}?status=active"

    def test_activating_beyond_the_limit_is_explained(self, customer, project, settings):
        app_user = add_app_user(project).app_user
        services.deactivate(app_user=app_user, by=SYSTEM, now=NOW)
        settings.APP_USERS_PER_PROJECT = 0
        page = customer.post(url(project, "app_user_activate", app_user.pk), follow=True)
        assert "at most 0 active app users" in text(page)
        assert not AppUser.objects.get().is_active

    def test_its_history_is_its_own(self, customer, project):
        one = add_app_user(project, "alice").app_user
        add_app_user(project, "bob")
        page = text(customer.get(url(project, "app_user", one.pk)))
        assert "added the app user alice" in page
        assert "added the app user bob" not in page
        dashboard = text(customer.get(reverse("dashboard", args=[project.pid])))
        assert "added the app user bob" in dashboard

    @pytest.mark.parametrize("pk", [0, 10**30])
    def test_one_that_does_not_exist(self, customer, project, pk):
        assert customer.get(url(project, "app_user", pk)).status_code == 404


class TestSuggestions:
    def ask(self, client, project, **query):
        return client.get(url(project, "app_user_suggest"), query)

    def usernames(self, response):
        assert response.status_code == 200
        return [each["username"] for each in response.json()["app_users"]]

    def test_active_ones_by_the_beginning_of_username_or_name(self, customer, project):
        add_app_user(project, "alice", display_name="Winter, Alice")
        add_app_user(project, "winnie")
        add_app_user(project, "a.winter", display_name="Anna")
        services.deactivate(app_user=add_app_user(project, "winston").app_user, by=SYSTEM, now=NOW)
        add_app_user(make_project(), "winner")
        answer = self.ask(customer, project, q=" WIN")
        assert answer.json() == {
            "app_users": [
                {"username": "winnie", "display_name": ""},
                {"username": "alice", "display_name": "Winter, Alice"},
            ]
        }
        assert self.usernames(self.ask(customer, project, q="ALI")) == ["alice"]
        assert self.usernames(self.ask(customer, project)) == ["a.winter", "alice", "winnie"]

    @pytest.mark.parametrize("q", ["%", "_", "\\", "x" * 5000, "'", "日本"])
    def test_what_nothing_begins_with_finds_nothing(self, customer, project, q):
        add_app_user(project, display_name="Ada")
        assert self.usernames(self.ask(customer, project, q=q)) == []

    def test_htmx_gets_options_for_the_field_itself(self, customer, project):
        add_app_user(project, display_name="Ada <b>")
        page = customer.get(url(project, "app_user_suggest"), {"username": "al"}, headers=HTMX)
        assert html(page).strip() == '<option value="alice" label="Ada &lt;b&gt;"></option>'

    def test_ten_at_most_by_indexes(self, customer, project):
        many_app_users(project, 10_000)
        add_app_user(project, "zoe", display_name="user group")
        assert self.usernames(self.ask(customer, project, q="user")) == [f"user{n:05}" for n in range(10)]
        assert self.usernames(self.ask(customer, project, q="user g")) == ["zoe"]
        assert len(self.usernames(self.ask(customer, project, q="PERSON 99"))) == 10
        assert query_count(customer, url(project, "app_user_suggest"), {"q": "person"}) <= 6

    def test_whoever_may_not_see_the_project_sees_nobody(self, project, stranger):
        add_app_user(project)
        assert self.ask(browser_of(stranger), project, q="a").status_code == 404
        assert self.ask(Client(), project, q="a").status_code in (302, 401)
