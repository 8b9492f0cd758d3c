"""Limits on guessing: hopeless for a stranger, no weapon against the owner."""

import pytest

from portal.accounts import known_browser
from portal.accounts.models import User
from tests.accounts import steps
from tests.accounts.guessing import AWAY, CAP, HOME, at
from tests.accounts.test_sign_in import STAGE, assert_locked_out
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


def is_refused(answer):
    return answer.status_code == 422 and "Too many failed" in str(answer.context["form"].errors)


def guess(times, address=AWAY, **extra):
    return [steps.login(at(address), password="wrong wrong", **extra) for _ in range(times)]


# -- passwords ----------------------------------------------------------------------------------------------------


def test_a_network_has_five_guesses_at_an_address(enrolled, clock):
    answers = guess(6)
    assert [is_refused(answer) for answer in answers] == [False] * 5 + [True]
    assert is_refused(steps.login(at(AWAY)))  # the right password, too


def test_a_stranger_elsewhere_does_not_lock_the_owner_out(enrolled, clock):
    guess(9)
    assert steps.login(at(HOME)).url == STAGE


def test_the_host_header_makes_no_new_guesses(enrolled, clock, settings):
    settings.ALLOWED_HOSTS = ["*"]
    for attempt in range(5):
        steps.login(at(AWAY, SERVER_NAME=f"h{attempt}.example"), password="wrong wrong")
    assert is_refused(steps.login(at(AWAY, SERVER_NAME="h9.example")))


def test_a_v6_network_is_one_guesser(enrolled, clock):
    for host in range(5):
        steps.login(at(f"2001:db8:1:2::{host}"), password="wrong wrong")
    assert is_refused(steps.login(at("2001:db8:1:2::99")))


def guess_from_everywhere(email=steps.EMAIL):
    for host in range(30):
        guess(1, f"203.0.113.{host}", email=email)


def test_guessing_from_many_networks_is_slow(enrolled, clock):
    guess_from_everywhere()
    assert is_refused(steps.login(at("203.0.113.99")))


def test_nobody_waits_longer_than_a_quarter_of_an_hour(enrolled, clock):
    guess_from_everywhere()
    guess(5, HOME)
    clock.shift(CAP + 1)
    assert steps.login(at(HOME)).url == STAGE


def test_refused_tries_do_not_lengthen_the_wait(enrolled, clock):
    guess(5)
    for _ in range(4):
        clock.shift(60)
        assert is_refused(guess(1)[0])
    clock.shift(61)
    assert steps.login(at(AWAY)).url == STAGE


def test_the_owners_browser_gets_in_while_strangers_guess(owner, enrolled):
    guess_from_everywhere()
    guess(5, HOME)  # even from the same network
    assert steps.login(owner).url == STAGE


def test_the_owners_browser_skips_no_second_factor_and_has_a_limit_too(owner):
    steps.login(owner)
    assert_locked_out(owner)
    owner.post("/accounts/logout/")
    for _ in range(10):
        steps.login(owner, password="wrong wrong")
    assert is_refused(steps.login(owner))


def test_a_reset_lets_the_owner_in_while_strangers_guess(client, enrolled, clock):
    guess_from_everywhere()
    steps.reset_mail(client)
    client.post(client.get(steps.link("password/reset/key")).url, {"password1": "another long passphrase 7"})
    guess_from_everywhere()
    assert steps.login(client, password="another long passphrase 7").url == STAGE


def test_a_reset_forgives_what_was_guessed_also_in_the_owners_other_browsers(enrolled, clock):
    guess(5, HOME)
    guess_from_everywhere()
    client = at(HOME)
    steps.reset_mail(client)
    client.post(client.get(steps.link("password/reset/key")).url, {"password1": "another long passphrase 7"})
    assert steps.login(at(HOME), password="another long passphrase 7").url == STAGE


def test_a_try_that_one_limit_refuses_counts_for_no_other(enrolled, clock):
    """The address is closed for a while; knocking meanwhile does not use up what the network has."""
    guess_from_everywhere()
    clock.shift(CAP - 60)
    assert all(map(is_refused, guess(6, HOME)))
    clock.shift(61)
    assert steps.login(at(HOME)).url == STAGE


def test_a_new_password_makes_the_mark_of_a_browser_worthless(owner, enrolled):
    user = User.objects.get()
    user.set_password("another long passphrase 7")
    user.save()
    guess_from_everywhere()
    assert is_refused(steps.login(owner, password="another long passphrase 7"))


@pytest.mark.parametrize("forge", [lambda value: value[:-2] + "xx", lambda value: "x", lambda value: ""])
def test_a_forged_mark_counts_as_none(owner, forge):
    name = known_browser.cookie_name()
    owner.cookies[name] = forge(owner.cookies[name].value)
    guess_from_everywhere()
    assert is_refused(steps.login(owner))


def test_a_mark_that_was_not_renewed_for_half_a_year_counts_as_none(owner, clock):
    clock.shift(known_browser.AGE + 1)
    guess_from_everywhere()
    assert is_refused(steps.login(owner))


def test_the_mark_of_somebody_else_counts_as_none(owner):
    other = make_user()
    guess_from_everywhere(email=other.email)
    assert is_refused(steps.login(owner, email=other.email))


def test_the_mark_is_for_the_server_only(owner):
    cookie = owner.cookies[known_browser.cookie_name()]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == known_browser.AGE


@pytest.mark.parametrize("email", ["nobody@customer.example", steps.EMAIL])
def test_limits_are_the_same_for_addresses_without_an_account(enrolled, clock, email):
    assert [is_refused(answer) for answer in guess(6, email=email)] == [False] * 5 + [True]
