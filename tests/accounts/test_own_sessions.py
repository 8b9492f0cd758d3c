"""Sessions of an account: listed, ended one by one, or all but this one."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.test import Client

from portal.accounts import events
from tests.accounts import steps
from tests.accounts.fresh import enter
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db


def test_sign_out_everywhere_else(enrolled, clock):
    _, device, codes = enrolled
    here, there = Client(headers={"user-agent": "Here/1"}), Client(headers={"user-agent": "There/2"})
    enter(here, device)
    steps.login(there)
    steps.submit(there, codes[0], recovery=True)
    assert steps.signed_in(there)
    page = steps.text(here.get(steps.SECURITY))
    assert "Here/1" in page
    assert "There/2" in page
    assert here.get("/accounts/sessions/").status_code == 200
    here.post("/accounts/sessions/")
    assert steps.signed_in(here)
    assert not steps.signed_in(there)
    assert noted(here) == ("sessions.ended", "127.0.0.1", {})


@pytest.fixture
def two(enrolled, clock):
    """A browser here, used first, and one there."""
    _, device, codes = enrolled
    here, there = Client(headers={"user-agent": "Here/1"}), Client(headers={"user-agent": "There/2"})
    enter(here, device)
    clock.shift(60)
    steps.login(there)
    steps.submit(there, codes[0], recovery=True)
    return here, there


def noted(browser):
    """The last line of the security log of who is signed in."""
    event = events.recent(session_of(browser).user)[0]
    return event.action, event.ip, event.data


def session_of(browser):
    return UserSession.objects.get(session_key=browser.session.session_key)


def test_the_session_that_is_looked_with_comes_first(two):
    for browser, order in zip(two, (["Here/1", "There/2"], ["There/2", "Here/1"]), strict=True):
        shown = browser.get("/accounts/sessions/").context["sessions"]
        assert [each.user_agent for each in shown] == order
        assert shown[0].session_key == browser.session.session_key
        assert [each.user_agent for each in browser.get(steps.SECURITY).context["sessions"]] == order


def test_one_session_is_ended(two):
    here, there = two
    third = Client()
    third.cookies.update(there.cookies)
    assert here.post("/accounts/sessions/end/", {"session": session_of(there).pk}).url == "/accounts/sessions/"
    assert steps.signed_in(here)
    assert not steps.signed_in(there)
    assert not steps.signed_in(third)
    assert "There/2" not in steps.text(here.get("/accounts/sessions/"))
    assert noted(here) == ("session.ended", "127.0.0.1", {"browser": "There/2"})
    assert "Another session ended" in steps.text(here.get(steps.SECURITY))


def test_ending_the_own_session_signs_out(two):
    here, there = two
    assert here.post("/accounts/sessions/end/", {"session": session_of(here).pk}).url == "/accounts/login/"
    assert not steps.signed_in(here)
    assert steps.signed_in(there)
    assert noted(there)[0] == "recovery_code_used"


def test_nobody_ends_the_session_of_another_person(two, client):
    _, there = two
    sign_in(client, make_user())
    for given in (session_of(there).pk, "", "x", "-1", "9" * 30, "\u0663"):
        assert client.post("/accounts/sessions/end/", {"session": given}).url == "/accounts/sessions/"
    assert steps.signed_in(there)
    assert steps.signed_in(client)


def test_reading_ends_no_session_and_a_form_needs_its_token(two):
    here, there = two
    here.get(f"/accounts/sessions/end/?session={session_of(there).pk}")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(here.cookies)
    assert strict.post("/accounts/sessions/end/", {"session": session_of(there).pk}).status_code == 403
    assert steps.signed_in(there)


def test_sessions_of_an_old_password_are_not_listed(two, enrolled, django_assert_max_num_queries):
    here, there = two
    here.get("/accounts/sessions/")  # notes that it was used
    store = there.session
    store[HASH_SESSION_KEY] = "of another password"
    store.save()
    with django_assert_max_num_queries(10):
        shown = here.get("/accounts/sessions/").context["sessions"]
    assert [each.user_agent for each in shown] == ["Here/1"]
