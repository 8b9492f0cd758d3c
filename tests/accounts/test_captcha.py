"""The captcha of the sign-up, and what a stranger may learn from its form."""

import re
import time

import pytest
import time_machine
from django.core import mail
from django.test import Client

from portal.accounts.models import SignUp, User
from tests.accounts import steps
from tests.accounts.test_sign_up import CONFIRM, errors

pytestmark = pytest.mark.django_db


# -- captcha ------------------------------------------------------------------------------------------------------


def test_captcha_missing(client):
    answer = steps.sign_up(client, captcha=None)
    assert "captcha" in errors(answer)
    assert not SignUp.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize(
    "forge",
    [
        lambda p: p | {"number": p["number"] + 1},
        lambda p: p | {"signature": "0" * 64},
        lambda p: p | {"salt": "deadbeef&"},
        lambda p: p | {"algorithm": "SHA-1"},
        lambda p: p | {"salt": p["salt"].replace("expires=", "expires=9")},
        lambda p: {},
        lambda p: [],
        lambda p: p | {"challenge": None},
    ],
    ids=["number", "signature", "salt", "algorithm", "expiry", "empty", "list", "null"],
)
def test_captcha_forged(client, forge):
    answer = steps.sign_up(client, captcha=steps.encode(forge(steps.decode(steps.solve(client)))))
    assert "captcha" in errors(answer)
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("value", ["verified", "e30=", "\x00", "=" * 500])
def test_captcha_garbage(client, value):
    assert "captcha" in errors(steps.sign_up(client, captcha=value))


def test_captcha_spliced(client):
    """Digits moved from the number into the salt hash to the same input."""
    good = steps.decode(steps.solve(client))
    digits = str(good["number"])
    spliced = good | {"salt": good["salt"] + digits[:1], "number": int(digits[1:] or 0)}
    assert "captcha" in errors(steps.sign_up(client, captcha=steps.encode(spliced)))


def test_captcha_works_once(client):
    payload = steps.solve(client)
    assert steps.sign_up(client, captcha=payload).status_code == 302
    again = steps.sign_up(Client(), email="eve@customer.example", captcha=payload)
    assert "captcha" in errors(again)
    assert SignUp.objects.count() == 1


def test_captcha_spelled_differently_is_still_a_replay(client):
    good = steps.decode(steps.solve(client))
    assert steps.sign_up(client, captcha=steps.encode(good)).status_code == 302
    other = steps.encode(good | {"salt": good["salt"].rstrip("&")})
    assert "captcha" in errors(steps.sign_up(Client(), email="eve@customer.example", captcha=other))


def test_captcha_expires(client):
    payload = steps.solve(client)
    with time_machine.travel(time.time() + 21 * 60):
        assert "captcha" in errors(steps.sign_up(client, captcha=payload))


# -- what a stranger may learn -------------------------------------------------------------------------------------


def test_a_known_address_gets_the_same_page_and_another_mail(client, user):
    known = steps.sign_up(client)
    known_mail = mail.outbox[-1]
    known_page = client.get(CONFIRM).content.decode()
    stranger = Client()
    unknown = steps.sign_up(stranger, email="new@customer.example")
    unknown_page = stranger.get(CONFIRM).content.decode()
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)

    def neutral(page):
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace("new@", "ada@")

    assert neutral(known_page) == neutral(unknown_page)
    assert User.objects.filter(email=steps.EMAIL).count() == 1
    assert known_mail.to == [steps.EMAIL]
    assert "/accounts/activate/" not in known_mail.body
    assert "/accounts/password/reset/" in known_mail.body
    user.refresh_from_db()
    assert user.full_name != "Ada Example"


def test_case_of_the_address_does_not_make_a_second_account(client, user):
    steps.sign_up(client, email="ADA@Customer.Example")
    assert mail.outbox[-1].subject == "You already have an account"
    assert not SignUp.objects.exists()


def test_sign_ups_are_limited_by_address(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/m/ip"}
    for _ in range(2):
        assert steps.sign_up(client, captcha=None).status_code == 422
    assert steps.sign_up(client, captcha=None).status_code == 429


def test_the_form_is_not_for_people_who_are_signed_in(client, user):
    from tests.support.people import sign_in

    assert sign_in(client, user).get("/accounts/signup/").status_code == 302
