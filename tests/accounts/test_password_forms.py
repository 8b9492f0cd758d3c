"""A password is the same in every Unicode form, at every door, and also when it was stored before that was so."""

import unicodedata

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.core.management import call_command
from django.test import Client

from portal.accounts.models import SignUp, User
from tests.accounts import steps
from tests.support.people import totp

pytestmark = pytest.mark.django_db
WORDS = "Zürich \ufb01nch caf\u00e9 \uff21\uff22\uff23 \u212b 2\u00b2"  # composed, a ligature, full-width, Ångström, ²
FORMS = ("NFC", "NFD", "NFKC", "NFKD")
OTHER = "quite another \uff30assword \u00e9 7"


def spelled(form, words=WORDS):
    return unicodedata.normalize(form, words)


def signs_in(password):
    return steps.login(Client(), password=password).status_code == 302


@pytest.mark.parametrize("typed", FORMS)
@pytest.mark.parametrize("chosen", FORMS)
def test_a_password_chosen_in_one_form_is_typed_in_another(user, chosen, typed):
    user.set_password(spelled(chosen))
    user.save()
    assert signs_in(spelled(typed))
    assert not signs_in(spelled(typed) + "x")


@pytest.mark.parametrize(
    ("stored", "typed"),
    [(WORDS, "NFC"), ("NFD", "NFC"), ("NFC", "NFD"), ("NFKD", "NFC"), ("NFKC", "NFD"), ("NFKC", "NFKD")],
)
def test_a_hash_from_before_fits_and_is_made_anew(user, stored, typed):
    typed = WORDS if stored == WORDS else spelled(typed)
    User.objects.update(password=make_password(WORDS if stored == WORDS else spelled(stored)))
    assert signs_in(typed)
    user.refresh_from_db()
    assert check_password(spelled("NFKC"), user.password)
    assert all(signs_in(spelled(form)) for form in FORMS)


def test_a_hash_that_is_right_stays(user):
    before = user.password
    assert signs_in(steps.PASSWORD)
    user.refresh_from_db()
    assert user.password == before


@pytest.mark.parametrize(("chosen", "typed"), [("NFD", "NFC"), ("NFC", "NFKD")])
def test_at_sign_up_and_activation(client, chosen, typed):
    steps.sign_up(client, password1=spelled(chosen))
    assert check_password(spelled("NFKC"), SignUp.objects.get().password)
    assert steps.activate(client, password=spelled(typed)).url == "/accounts/2fa/"
    assert signs_in(spelled("NFKC"))


def test_an_attempt_from_before(client):
    steps.sign_up(client)
    SignUp.objects.update(password=make_password(spelled("NFD")))
    assert steps.activate(client, password=spelled("NFC")).url == "/accounts/2fa/"


def test_setting_up_the_account_anew(client):
    steps.sign_up(client)
    assert steps.activate_anew(client, password1=spelled("NFD")).url == "/accounts/2fa/"
    assert signs_in(spelled("NFC"))


def test_at_a_reset(client, user):
    steps.reset_mail(client)
    page = client.get(steps.link("password/reset/key")).url
    client.post(page, {"password1": spelled("NFD", OTHER)})
    assert signs_in(spelled("NFC", OTHER))


def test_at_a_change(client, enrolled):
    _, device, _ = enrolled
    User.objects.update(password=make_password(spelled("NFD")))
    steps.login(client, password=spelled("NFD"))
    steps.submit(client, totp(device))
    sent = {"oldpassword": spelled("NFC"), "password1": spelled("NFKD", OTHER)}
    assert client.post("/accounts/password/change/", sent).status_code == 302
    assert steps.signed_in(client)
    assert signs_in(spelled("NFKC", OTHER))


def test_on_the_command_line(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", spelled("NFD"))
    call_command("createsuperuser", email="boss@staff.example", interactive=False)
    assert check_password(spelled("NFKC"), User.objects.get().password)


def test_the_rules_count_the_form_that_is_stored(client):
    """ﷺ is one character that becomes eighteen; a hundred of them are too long, and no work."""
    answer = steps.sign_up(client, password1="\ufdfa" * 100)
    assert "at most 1024 characters" in steps.text(answer)
    assert not signs_in("\ufdfa" * 5000)
